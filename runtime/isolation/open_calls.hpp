#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace forecourt::isolation {

class RemoteExchange;

/// In the child: the host's calls under way, each for as long as its exchange lives, so that one
/// nobody waits for any more can be told. Thread-safe.
class OpenCalls {
 public:
  void add(uint64_t number, RemoteExchange& exchange);
  void remove(uint64_t number);
  /// Nothing when the call has ended.
  void cancel(uint64_t number);
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, RemoteExchange*> calls_;  // guarded by mutex_
};

}  // namespace forecourt::isolation
