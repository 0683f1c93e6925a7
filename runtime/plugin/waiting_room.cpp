#include "plugin/waiting_room.hpp"

#include <utility>

#include "plugin/answers.hpp"

namespace forecourt::plugin {
namespace {

void pass(http::Handler* next, std::shared_ptr<http::Exchange> exchange) {
  if (next) return next->handle(std::move(exchange));
  exchange->answer(answer_of(Code::unavailable, {}));
}

}  // namespace

WaitingRoom::~WaitingRoom() { open(nullptr); }

void WaitingRoom::handle(std::shared_ptr<http::Exchange> exchange) {
  std::shared_ptr<http::Handler> next;
  {
    std::lock_guard lock(mutex_);
    if (!opened_ && waiting_.size() < places_) {
      waiting_.push_back(std::move(exchange));
      return;
    }
    if (opened_) next = next_;
  }
  pass(next.get(), std::move(exchange));
}

void WaitingRoom::open(std::shared_ptr<http::Handler> next) {
  std::deque<std::shared_ptr<http::Exchange>> waiting;
  {
    std::lock_guard lock(mutex_);
    opened_ = true;
    next_ = next;
    waiting.swap(waiting_);
  }
  for (std::shared_ptr<http::Exchange>& exchange : waiting) pass(next.get(), std::move(exchange));
}

}  // namespace forecourt::plugin
