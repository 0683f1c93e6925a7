#include "storage/lane_thread.hpp"

#include <chrono>
#include <condition_variable>

#include "base/log.hpp"

namespace forecourt::storage {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// A group takes no new call after this much work; what has begun is finished.
constexpr std::chrono::milliseconds k_group_time{5};
/// A queue empty for this long is idle: time for checkpoints and pruning.
constexpr int64_t k_idle_after_ms = 20;
constexpr int64_t k_retry_ms = 250;
constexpr int64_t k_sleep_ms = 60'000;

/// A function that waits for its own fate.
class WaitedCall final : public WriteCall {
 public:
  struct Outcome {
    std::mutex mutex;
    std::condition_variable told;
    bool done = false;
    Result<void> result;
  };

  WaitedCall(std::function<Result<void>(Session&)> work, std::shared_ptr<Outcome> outcome)
      : work_(std::move(work)), outcome_(std::move(outcome)) {}

  Verdict run(Session& session) override {
    result_ = work_(session);
    return result_ ? Verdict::commit : Verdict::roll_back;
  }

  void finished(Fate fate, const Error& why) override {
    const bool ran = fate == Fate::committed || fate == Fate::rolled_back;
    {
      std::lock_guard lock(outcome_->mutex);
      outcome_->result = ran ? result_ : Result<void>(why);
      outcome_->done = true;
    }
    outcome_->told.notify_all();
  }

 private:
  const std::function<Result<void>(Session&)> work_;
  const std::shared_ptr<Outcome> outcome_;
  Result<void> result_;
};

}  // namespace

LaneThread::LaneThread(std::unique_ptr<Connection> connection, LaneOptions options)
    : options_(std::move(options)),
      queue_(options_.queue_max),
      checkpointer_(options_.readers, options_.wal_bytes_max, options_.log_hold_ms),
      retention_(*options_.clock),
      watchdog_(*options_.clock, options_.stuck_grace_ms, [this] { on_stuck(); }),
      group_(watchdog_, options_.marker) {
  auto adopted = adopt(std::move(connection));
  if (!adopted) enter(Trouble::disk, adopted.error().message);
  thread_ = std::thread([this] { run(); });
}

LaneThread::~LaneThread() {
  queue_.close();
  thread_.join();
}

bool LaneThread::submit(std::unique_ptr<WriteCall>& call) { return queue_.push(call); }

Result<void> LaneThread::run_now(std::function<Result<void>(Session&)> work) {
  auto outcome = std::make_shared<WaitedCall::Outcome>();
  std::unique_ptr<WriteCall> call = std::make_unique<WaitedCall>(std::move(work), outcome);
  if (!submit(call)) {
    return Error{Code::unavailable, "store: the write queue is full, stuck or stopping"};
  }
  std::unique_lock lock(outcome->mutex);
  outcome->told.wait(lock, [&] { return outcome->done; });
  return outcome->result;
}

std::string LaneThread::read_only_reason() const {
  std::lock_guard lock(reason_mutex_);
  return reason_;
}

Result<void> LaneThread::between_groups(std::function<Result<void>(Connection&)> work) {
  struct Task {
    std::mutex mutex;
    std::condition_variable told;
    bool started = false;
    bool withdrawn = false;
    bool done = false;
    Result<void> result;
  };
  auto task = std::make_shared<Task>();
  const bool queued = queue_.push_task([this, task, work = std::move(work)] {
    {
      std::lock_guard lock(task->mutex);
      if (task->withdrawn) return;
      task->started = true;
    }
    Result<void> result;
    if (connection_ == nullptr) {
      result = Error{Code::read_only, "store: " + read_only_reason()};
    } else {
      connection_->set_deadline(0);
      result = work(*connection_);
    }
    std::lock_guard lock(task->mutex);
    task->result = std::move(result);
    task->done = true;
    task->told.notify_all();
  });
  if (!queued) return Error{Code::unavailable, "store: stopping"};
  std::unique_lock lock(task->mutex);
  while (!task->told.wait_for(lock, std::chrono::milliseconds(50), [&] { return task->done; })) {
    if (task->started || !stuck_.load()) continue;
    task->withdrawn = true;
    return Error{Code::unavailable, "store: the lane is stuck in a call past its deadline"};
  }
  return task->result;
}

Result<void> LaneThread::read_here(int64_t deadline_ns,
                                   const std::function<Result<void>(Session&)>& work) {
  std::lock_guard lock(connection_mutex_);
  Session session = connection_->session(false);
  session.set_deadline(deadline_ns);
  Result<void> result = work(session);
  connection_->end_rows();
  return result;
}

void LaneThread::run() {
  if (options_.marker != nullptr) options_.marker->bind_thread(true);
  int64_t wait_ms = k_idle_after_ms;
  for (;;) {
    const bool queued = queue_.wait(wait_ms);
    if (!queued && queue_.closed()) break;
    std::lock_guard lock(connection_mutex_);
    while (auto task = queue_.pop_task()) task();
    wait_ms = work_once();
  }
  if (options_.marker != nullptr) options_.marker->bind_thread(false);
  // The last to close moves the log into the database; that must be this connection.
  if (options_.readers != nullptr) options_.readers->close();
  transaction_.reset();
  connection_.reset();
}

/// One group, one attempt to recover or one piece of housekeeping. How long to sleep after it.
int64_t LaneThread::work_once() {
  if (trouble_ != Trouble::none) {
    try_to_recover();
    if (trouble_ == Trouble::none) return 0;
    refuse_queued();
    return k_retry_ms;
  }
  if (queue_.size() > 0) {
    run_group();
    if (trouble_ == Trouble::none && connection_ != nullptr) {
      checkpointer_.after_group();
      if (checkpointer_.must_shed()) {
        enter(Trouble::log_full,
              "the write-ahead log is full and cannot start over: a long read holds it or the disk "
              "is full");
      }
      retention_.prune(*connection_, false);
    }
    return k_idle_after_ms;
  }
  if (retention_.prune(*connection_, true)) return 0;
  return checkpointer_.when_idle() ? k_retry_ms : k_sleep_ms;
}

void LaneThread::run_group() {
  group_.clear();
  if (!begin_group()) return;
  fill_group();
  if (group_.empty()) return;
  group_.finish();
  group_.clear();
}

bool LaneThread::begin_group() {
  const int code = transaction_->begin();
  if (code == SQLITE_OK) return true;
  enter(Trouble::disk, "a transaction cannot begin: " + connection_->error(code, "").message);
  refuse_queued();
  return false;
}

void LaneThread::fill_group() {
  const auto until = SteadyClock::now() + k_group_time;
  while (!group_.full()) {
    auto call = queue_.pop();
    if (call == nullptr) break;
    Group::Step step = group_.add_and_run(std::move(call), *connection_, *transaction_);
    while (step == Group::Step::lost) {
      if (!begin_again()) return;
      step = group_.run_again(*connection_, *transaction_);
    }
    if (step == Group::Step::given_up) return abandon_group();
    if (SteadyClock::now() > until) break;
  }
  commit_group();
}

/// After a call destroyed the transaction: a fresh one for the others. False when the disk takes no
/// writes; all are refused then.
bool LaneThread::begin_again() {
  if (connection_->in_transaction()) transaction_->roll_back();
  const int code = connection_->fatal_code() & 0xff;
  const bool may_be_the_disk = code != SQLITE_INTERRUPT && code != SQLITE_CONSTRAINT;
  // If it was the disk, running the others again would only lose them one by one.
  Result<void> writable = may_be_the_disk ? probe() : Result<void>();
  if (writable) {
    const int begun = transaction_->begin();
    if (begun == SQLITE_OK) return true;
    writable = connection_->error(begun, "");
  }
  enter(Trouble::disk, writable.error().message);
  group_.settle(Fate::refused, {Code::read_only, "store: " + read_only_reason()});
  return false;
}

void LaneThread::commit_group() {
  const int code = transaction_->commit();
  if (code == SQLITE_OK) return;
  const Error why{Code::unavailable,
                  "outcome unknown: COMMIT failed: " + connection_->error(code, "").message};
  log::error("storage", "COMMIT failed; the database is opened again", {{"reason", why.message}});
  group_.settle(Fate::unknown, why);
  reopen();
  if (trouble_ != Trouble::none) return;
  if (auto writable = probe(); !writable) enter(Trouble::disk, writable.error().message);
}

/// A call came back after the watchdog had finished the group: nothing of it may stand.
void LaneThread::abandon_group() {
  connection_->end_rows();
  if (connection_->in_transaction()) transaction_->roll_back();
  group_.clear();
  queue_.refuse(false);
  stuck_.store(false);
  log::warn("storage", "a stuck call returned late; it is rolled back and the lane goes on");
}

void LaneThread::on_stuck() {
  stuck_.store(true);
  queue_.refuse(true);
  log::error("storage",
             "a call is far past its deadline; its group is answered with outcome unknown");
  group_.settle(Fate::unknown,
                {Code::unavailable, "outcome unknown: a call of the group does not return"});
  group_.finish();
  for (auto& call : queue_.pop_all()) {
    call->finished(Fate::refused,
                   {Code::unavailable, "store: the lane is stuck in an earlier call"});
  }
}

void LaneThread::refuse_queued() {
  const Error why{Code::read_only, "store: " + read_only_reason()};
  for (auto& call : queue_.pop_all()) call->finished(Fate::refused, why);
}

void LaneThread::enter(Trouble trouble, std::string reason) {
  log::error("storage", "the store takes no writes", {{"reason", reason}});
  trouble_ = trouble;
  tried_at_ = SteadyClock::now();
  std::lock_guard lock(reason_mutex_);
  reason_ = std::move(reason);
}

void LaneThread::leave_trouble() {
  log::info("storage", "the store takes writes again");
  trouble_ = Trouble::none;
  std::lock_guard lock(reason_mutex_);
  reason_.clear();
}

void LaneThread::try_to_recover() {
  if (SteadyClock::now() - tried_at_ < std::chrono::milliseconds(k_retry_ms)) return;
  tried_at_ = SteadyClock::now();
  if (connection_ == nullptr) reopen();
  if (connection_ == nullptr) return;
  const bool writable = trouble_ == Trouble::log_full ? checkpointer_.recover() : probe().ok();
  if (writable) leave_trouble();
}

/// A small durable write: does the disk take one?
Result<void> LaneThread::probe() {
  Result<void> written = in_transaction(*connection_, [this] {
    return connection_->run("UPDATE fc_meta SET value = value + 1 WHERE name = 'probe'");
  });
  return written;
}

Result<void> LaneThread::adopt(std::unique_ptr<Connection> connection) {
  auto transaction = Transaction::open(*connection);
  if (!transaction) return transaction.error();
  connection_ = std::move(connection);
  transaction_ = std::move(*transaction);
  checkpointer_.attach(*connection_);
  return {};
}

void LaneThread::reopen() {
  if (options_.readers == nullptr) {  // in memory there is nothing to open again
    if (connection_->in_transaction()) transaction_->roll_back();
    return;
  }
  transaction_.reset();
  checkpointer_.detach();
  connection_.reset();
  auto opened = options_.reopen();
  if (opened) {
    auto adopted = adopt(std::move(*opened));
    if (adopted) return;
    enter(Trouble::disk, adopted.error().message);
    return;
  }
  enter(Trouble::disk, opened.error().message);
}

}  // namespace forecourt::storage
