#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/lane.hpp"

namespace forecourt::storage {

class Connection;

/// What waits for the lane: write calls, bounded, and the store's own work between groups.
/// Thread-safe.
class CallQueue {
 public:
  using Task = std::function<void()>;

  explicit CallQueue(size_t calls_max) : calls_max_(calls_max) {}

  /// False, and `call` untouched, when full or closed.
  bool push(std::unique_ptr<WriteCall>& call);
  /// Work of the store itself, run between groups. False when closed.
  bool push_task(Task task);

  /// The oldest call; null when none waits.
  std::unique_ptr<WriteCall> pop();
  Task pop_task();
  std::vector<std::unique_ptr<WriteCall>> pop_all();

  /// Waits until something is queued, the queue closes or the time is over. False: nothing is
  /// queued.
  bool wait(int64_t timeout_ms);

  void refuse(bool refusing);  ///< while set, `push` answers false: the lane is stuck
  void close();                ///< nothing more is taken; what is queued stays to be popped
  bool closed() const;
  size_t size() const;

 private:
  const size_t calls_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  // Guarded by mutex_.
  std::deque<std::unique_ptr<WriteCall>> calls_;
  std::deque<Task> tasks_;
  bool waiting_ = false;
  bool refusing_ = false;
  bool closed_ = false;
};

}  // namespace forecourt::storage
