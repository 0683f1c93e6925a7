#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/worker_pool.hpp"
#include "storage/lane.hpp"

namespace forecourt::events {

class Driver;

/// Work that is looked at again and again: `step` runs on a worker whenever there may be something
/// to do, never twice at once, and hands write calls to lanes. Owned by its Driver until closed.
class Activity : public std::enable_shared_from_this<Activity> {
 public:
  explicit Activity(Driver& driver) : driver_(driver) {}
  virtual ~Activity() = default;
  Activity(const Activity&) = delete;
  Activity& operator=(const Activity&) = delete;

  /// A step runs soon; many wakes make one step. Never blocks. Thread-safe.
  void wake();
  /// No step and no call starts any more; returns when none runs, no call is in flight and what the
  /// activity held of a plugin's code is let go, whoever still holds the activity itself. Not to be
  /// called from a step or a lane.
  void close();

  /// Counts a call as in flight. False once closing: do not submit.
  bool begin_call();
  /// The call is over; a step looks again when `look` is set.
  void end_call(bool look);
  int calls() const;
  bool closing() const;

 protected:
  virtual void step() = 0;
  /// At the end of `close`.
  virtual void let_go() {}
  /// From `step`: something passing is in the way (a full lane, a store that takes no writes). The
  /// next step waits this long, on the real clock; wakes do not shorten it.
  void pause(std::chrono::milliseconds wait);
  /// From `step`, when all is done: wakes of the next moment are answered together, after this
  /// long.
  void rest(std::chrono::milliseconds wait);
  /// From `step`: look again after this long even if nobody wakes it.
  void sleep(std::chrono::milliseconds wait);

 private:
  friend class Driver;
  using Time = std::chrono::steady_clock::time_point;

  void run();
  void launch();  // with driver_.mutex_ held, as what follows
  std::optional<Time> keep_time(Time now);
  bool ready() const { return !running_ && !paused_ && !rest_until_ && !closing_; }
  bool idle() const { return !running_ && !wanted_ && !paused_ && calls_ == 0; }

  Driver& driver_;
  // Guarded by driver_.mutex_:
  bool wanted_ = false;
  bool running_ = false;
  bool paused_ = false;
  bool closing_ = false;
  int calls_ = 0;
  std::optional<Time> again_at_;
  std::optional<Time> rest_until_;
};

/// Keeps an activity from closing while somebody outside its steps works with it.
class Hold {
 public:
  explicit Hold(Activity& activity) : activity_(activity.begin_call() ? &activity : nullptr) {}
  ~Hold() {
    if (activity_ != nullptr) activity_->end_call(true);  // a step may have stood back for this
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;
  /// False: it is closing; leave it alone.
  explicit operator bool() const { return activity_ != nullptr; }

 private:
  Activity* const activity_;
};

/// Runs activities on a worker pool, with one thread of its own for the waits.
class Driver {
 public:
  explicit Driver(WorkerPool& workers);
  ~Driver();  ///< stop().

  void add(std::shared_ptr<Activity> activity);
  void wake_all();
  /// Waits until no activity has anything to do. False after `timeout_ms`.
  bool wait_idle(int64_t timeout_ms);
  /// Closes every activity.
  void stop();

 private:
  friend class Activity;
  using Time = std::chrono::steady_clock::time_point;
  void keep_time();

  WorkerPool& workers_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;                    // an activity came to rest
  std::condition_variable timer_;                      // a wait was set
  std::vector<std::shared_ptr<Activity>> activities_;  // guarded by mutex_
  bool stopping_ = false;                              // guarded by mutex_
  std::thread thread_;
};

}  // namespace forecourt::events
