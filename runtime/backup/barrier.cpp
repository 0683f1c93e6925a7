#include "backup/barrier.hpp"

#include <algorithm>

namespace forecourt::backup {

Barrier::Barrier(std::vector<std::string> names, std::chrono::milliseconds held_max)
    : names_(std::move(names)), held_max_(held_max), rounds_(names_.size()) {}

bool Barrier::all_in(int round) const {
  return std::ranges::all_of(rounds_, [round](int reached) { return reached >= round; });
}

std::string Barrier::missing(int round) const {
  std::string list;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (rounds_[i] < round) list += (list.empty() ? "" : ", ") + names_[i];
  }
  return list;
}

void Barrier::fail_locked(const Error& why) {
  if (!failed_) failed_ = why;
  changed_.notify_all();
}

Result<void> Barrier::meet(size_t party) {
  std::unique_lock lock(mutex_);
  const int round = ++rounds_[party];
  if (!until_) until_ = std::chrono::steady_clock::now() + held_max_;
  changed_.notify_all();
  const bool in_time = changed_.wait_until(lock, *until_, [&] { return failed_ || all_in(round); });
  if (!in_time) {
    fail_locked({Code::cancelled, "the stores did not stand still together within " +
                                      std::to_string(held_max_.count()) + " ms: " + missing(round) +
                                      " went on with a call; try again"});
  }
  if (failed_) return *failed_;
  return {};
}

void Barrier::fail(const Error& why) {
  std::lock_guard lock(mutex_);
  fail_locked(why);
}

Result<void> Barrier::wait(int round) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failed_ || all_in(round); });
  if (failed_) return *failed_;
  return {};
}

}  // namespace forecourt::backup
