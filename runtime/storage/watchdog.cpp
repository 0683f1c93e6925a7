#include "storage/watchdog.hpp"

#include <chrono>

namespace forecourt::storage {
namespace {
constexpr std::chrono::milliseconds k_tick{50};
}

Watchdog::Watchdog(const Clock& clock, int64_t grace_ms, std::function<void()> on_stuck)
    : clock_(clock),
      grace_ns_(grace_ms * 1'000'000),
      on_stuck_(std::move(on_stuck)),
      thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::begin(int64_t deadline_ns) {
  watched_ = deadline_ns != 0;
  if (!watched_) return;
  deadline_ns_.store(deadline_ns, std::memory_order_relaxed);
  word_.store((++number_ << k_state_bits) | running);
  if (asleep_.load()) wake();
}

bool Watchdog::end() {
  if (!watched_) return true;
  uint64_t expected = (number_ << k_state_bits) | running;
  if (word_.compare_exchange_strong(expected, idle)) return true;
  std::lock_guard lock(mutex_);  // held while on_stuck runs
  word_.store(idle);
  return false;
}

void Watchdog::wake() {
  {
    std::lock_guard lock(mutex_);
    asleep_.store(false);
  }
  changed_.notify_all();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  uint64_t seen = idle;
  while (!stopping_) {
    uint64_t word = word_.load();
    const bool quiet = word == idle && seen == idle;
    seen = word;
    if (quiet) {
      asleep_.store(true);
      // The lane stores its word before it looks at asleep_: one of the two sees the other.
      if (word_.load() == idle) changed_.wait(lock, [this] { return stopping_ || !asleep_; });
      asleep_.store(false);
      continue;
    }
    changed_.wait_for(lock, k_tick, [this] { return stopping_; });
    if (word != word_.load() || (word & 3) != running) continue;
    if (clock_.monotonic_ns() <= deadline_ns_.load(std::memory_order_relaxed) + grace_ns_) continue;
    const uint64_t abandoned = (word & ~uint64_t{3}) | given_up;
    if (word_.compare_exchange_strong(word, abandoned)) on_stuck_();
  }
}

}  // namespace forecourt::storage
