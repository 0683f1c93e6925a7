#include "isolation/open_calls.hpp"

#include "isolation/remote_exchange.hpp"

namespace forecourt::isolation {

void OpenCalls::add(uint64_t number, RemoteExchange& exchange) {
  std::lock_guard lock(mutex_);
  calls_[number] = &exchange;
}

void OpenCalls::remove(uint64_t number) {
  std::lock_guard lock(mutex_);
  calls_.erase(number);
}

void OpenCalls::cancel(uint64_t number) {
  std::lock_guard lock(mutex_);
  const auto found = calls_.find(number);
  if (found != calls_.end()) found->second->cancel();
}

size_t OpenCalls::size() const {
  std::lock_guard lock(mutex_);
  return calls_.size();
}

}  // namespace forecourt::isolation
