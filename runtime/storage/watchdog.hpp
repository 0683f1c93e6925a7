#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.hpp"

namespace forecourt::storage {

/// Notices a call that has not returned well past its deadline, and gives it up on a thread of its
/// own. `begin` and `end` cost the lane one atomic exchange each; the thread sleeps while nothing
/// runs.
class Watchdog {
 public:
  /// `on_stuck` runs on the watchdog's thread, while the lane is inside the call: until the call
  /// returns nothing of the lane's moves.
  Watchdog(const Clock& clock, int64_t grace_ms, std::function<void()> on_stuck);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// The lane enters a call. A deadline of 0 is not watched.
  void begin(int64_t deadline_ns);
  /// The call has returned. False: it was given up before; `on_stuck` is through when this returns.
  bool end();

 private:
  enum State : uint64_t { idle = 0, running = 1, given_up = 2 };
  static constexpr uint64_t k_state_bits = 2;

  void run();
  void wake();

  const Clock& clock_;
  const int64_t grace_ns_;
  const std::function<void()> on_stuck_;

  /// Number of the run and its state in one word, so that giving up cannot hit the next run.
  std::atomic<uint64_t> word_{idle};
  std::atomic<int64_t> deadline_ns_{0};
  std::atomic<bool> asleep_{false};
  uint64_t number_ = 0;   ///< the lane's
  bool watched_ = false;  ///< the lane's

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace forecourt::storage
