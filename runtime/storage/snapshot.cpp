#include "storage/snapshot.hpp"

#include <chrono>

#include "storage/connection.hpp"

namespace forecourt::storage {
namespace {

/// A lane is never kept waiting longer by somebody who has forgotten it.
constexpr std::chrono::seconds k_standing_max{3};
/// Nor the log from starting over.
constexpr std::chrono::seconds k_unread_max{60};

}  // namespace

Result<std::unique_ptr<Snapshot>> Snapshot::of(std::shared_ptr<Store> store) {
  auto* const copyable = dynamic_cast<Copyable*>(store.get());
  if (copyable == nullptr) return invalid("a store of this kind has no snapshots");
  return std::unique_ptr<Snapshot>(new Snapshot(std::move(store), *copyable));
}

Snapshot::~Snapshot() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

Result<void> Snapshot::wait_for(std::unique_lock<std::mutex>& lock, Phase phase) {
  changed_.wait(lock, [&] { return phase_ == phase || phase_ == Phase::ended; });
  if (phase_ == phase) return {};
  return result_ ? Result<void>(Error{Code::cancelled, "the snapshot has ended"}) : result_;
}

Result<void> Snapshot::stand_still() {
  std::unique_lock lock(mutex_);
  if (thread_.joinable()) return Error{Code::state, "the snapshot is taken already"};
  thread_ = std::thread([this] { run(); });
  return wait_for(lock, Phase::standing);
}

Result<void> Snapshot::go_on() {
  std::unique_lock lock(mutex_);
  if (phase_ == Phase::standing) {
    phase_ = Phase::going;
    changed_.notify_all();
  }
  return wait_for(lock, Phase::taken);
}

Result<void> Snapshot::read(const std::function<Result<void>(Session&)>& work) {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::taken) return wait_for(lock, Phase::taken);
  work_ = &work;
  changed_.notify_all();
  changed_.wait(lock, [this] { return work_ == nullptr; });
  return result_;
}

void Snapshot::run() {
  int rounds = 0;
  auto ended = copyable_.at_a_moment(
      0, [&]() -> Result<void> { return rounds++ == 0 ? meet() : Result<void>(); },
      [this](Connection& reader) { return serve(reader); });
  std::lock_guard lock(mutex_);
  phase_ = Phase::ended;
  result_ = std::move(ended);
  work_ = nullptr;
  changed_.notify_all();
}

/// On the lane's thread.
Result<void> Snapshot::meet() {
  std::unique_lock lock(mutex_);
  phase_ = Phase::standing;
  changed_.notify_all();
  changed_.wait_for(lock, k_standing_max, [this] { return phase_ == Phase::going || ending_; });
  if (phase_ == Phase::going) return {};
  return Error{Code::cancelled, "the lane stood still for too long"};
}

Result<void> Snapshot::serve(Connection& reader) {
  std::unique_lock lock(mutex_);
  phase_ = Phase::taken;
  changed_.notify_all();
  for (;;) {
    const bool asked =
        changed_.wait_for(lock, k_unread_max, [this] { return work_ != nullptr || ending_; });
    if (ending_) return {};
    if (!asked) return Error{Code::cancelled, "nobody reads the snapshot"};
    Session session = reader.session(false);
    result_ = (*work_)(session);
    reader.end_rows();
    // The log had to start over: there is nothing more to read.
    if (!result_ && result_.error().code == Code::cancelled) return result_;
    work_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace forecourt::storage
