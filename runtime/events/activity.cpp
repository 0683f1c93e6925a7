#include "events/activity.hpp"

#include <algorithm>
#include <utility>

namespace forecourt::events {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {
constexpr milliseconds k_pool_full_wait{10};
}  // namespace

void Activity::wake() {
  std::lock_guard lock(driver_.mutex_);
  if (closing_) return;
  wanted_ = true;
  if (ready()) launch();
}

void Activity::launch() {
  wanted_ = false;
  paused_ = false;
  again_at_.reset();
  rest_until_.reset();
  running_ = true;
  if (driver_.workers_.submit([self = shared_from_this()] { self->run(); })) return;
  running_ = false;
  paused_ = true;
  wanted_ = true;
  again_at_ = steady_clock::now() + k_pool_full_wait;
  driver_.timer_.notify_one();
}

void Activity::run() {
  if (!closing()) step();
  std::lock_guard lock(driver_.mutex_);
  running_ = false;
  if (wanted_ && ready()) return launch();
  driver_.changed_.notify_all();
}

void Activity::close() {
  std::shared_ptr<Activity> self = shared_from_this();
  std::unique_lock lock(driver_.mutex_);
  closing_ = true;
  wanted_ = false;
  paused_ = false;
  again_at_.reset();
  driver_.changed_.wait(lock, [this] { return !running_ && calls_ == 0; });
  const bool first = std::erase(driver_.activities_, self) > 0;
  driver_.changed_.notify_all();
  lock.unlock();
  if (first) let_go();
}

bool Activity::begin_call() {
  std::lock_guard lock(driver_.mutex_);
  if (closing_) return false;
  ++calls_;
  return true;
}

void Activity::end_call(bool look) {
  std::lock_guard lock(driver_.mutex_);
  --calls_;
  if (look && !closing_) {
    wanted_ = true;
    if (ready()) launch();
  }
  driver_.changed_.notify_all();
}

int Activity::calls() const {
  std::lock_guard lock(driver_.mutex_);
  return calls_;
}

bool Activity::closing() const {
  std::lock_guard lock(driver_.mutex_);
  return closing_;
}

void Activity::pause(milliseconds wait) {
  std::lock_guard lock(driver_.mutex_);
  if (closing_) return;
  paused_ = true;
  again_at_ = steady_clock::now() + wait;
  driver_.timer_.notify_one();
}

void Activity::rest(milliseconds wait) {
  std::lock_guard lock(driver_.mutex_);
  if (closing_ || paused_) return;
  rest_until_ = steady_clock::now() + wait;
  driver_.timer_.notify_one();
}

void Activity::sleep(milliseconds wait) {
  std::lock_guard lock(driver_.mutex_);
  if (closing_ || paused_) return;
  again_at_ = steady_clock::now() + wait;
  driver_.timer_.notify_one();
}

Driver::Driver(WorkerPool& workers) : workers_(workers), thread_([this] { keep_time(); }) {}

Driver::~Driver() { stop(); }

void Driver::add(std::shared_ptr<Activity> activity) {
  std::lock_guard lock(mutex_);
  activity->closing_ = stopping_;
  if (!stopping_) activities_.push_back(std::move(activity));
}

void Driver::wake_all() {
  std::vector<std::shared_ptr<Activity>> all;
  {
    std::lock_guard lock(mutex_);
    all = activities_;
  }
  for (const std::shared_ptr<Activity>& activity : all) activity->wake();
}

bool Driver::wait_idle(int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, milliseconds(timeout_ms), [this] {
    return std::ranges::all_of(activities_, [](const auto& activity) { return activity->idle(); });
  });
}

void Driver::stop() {
  std::vector<std::shared_ptr<Activity>> all;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    all = activities_;
    for (const std::shared_ptr<Activity>& activity : all) activity->closing_ = true;
  }
  for (const std::shared_ptr<Activity>& activity : all) activity->close();
  timer_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Driver::keep_time() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Time now = steady_clock::now();
    std::optional<Time> next;
    for (const std::shared_ptr<Activity>& activity : activities_) {
      const std::optional<Time> at = activity->keep_time(now);
      if (at && (!next || *at < *next)) next = at;
    }
    if (next) {
      timer_.wait_until(lock, *next);
    } else {
      timer_.wait(lock);
    }
  }
}

/// Starts a step whose time has come. Returns when to look at this activity next, with the lock
/// held.
std::optional<Activity::Time> Activity::keep_time(Time now) {
  // A step that asked for a wait may still be on its way out; it is looked at again shortly after.
  const auto soon = [now](Time at) { return std::max(at, now + milliseconds(1)); };
  if (rest_until_ && *rest_until_ <= now && !running_) {
    rest_until_.reset();
    if (wanted_ && ready()) launch();
  }
  if (again_at_ && *again_at_ <= now && !running_) launch();
  if (rest_until_) return soon(*rest_until_);
  if (again_at_) return soon(*again_at_);
  return std::nullopt;
}

}  // namespace forecourt::events
