#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "storage/session.hpp"

namespace forecourt::storage {

enum class Verdict {
  commit,     ///< keep this call's writes
  roll_back,  ///< undo this call's writes; the neighbours in the group keep theirs
};

/// What became of a call, told after the group's commit.
enum class Fate {
  committed,    ///< on disk
  rolled_back,  ///< undone as the verdict asked; what `after_roll_back` wrote is on disk
  refused,  ///< never ran or was undone by the host: store read-only, transaction destroyed by this
            ///< call, deadline passed in the queue, lane stopping. `why` says which
  unknown,  ///< COMMIT failed or the lane got stuck: it may or may not be on disk
};

/// One write call in the lane. Everything but `finished` runs on the lane's thread, in order.
class WriteCall {
 public:
  virtual ~WriteCall() = default;

  /// Inside the group's transaction, under a savepoint of its own. May run again for the same call
  /// when a neighbour destroyed the transaction: the second run must be the same run.
  virtual Verdict run(Session& session) = 0;

  /// After a roll back, outside the savepoint but inside the same transaction: what must be kept of
  /// a failed call (a parked event, an attempt, an idempotency row). Must not fail for business
  /// reasons.
  virtual void after_roll_back(Session&) {}

  /// Once, after the commit is on disk or certainly will not be. `why` is for refused and unknown.
  /// Never blocks. May be called by a watchdog thread when the lane is stuck.
  virtual void finished(Fate fate, const Error& why) = 0;

  /// The call is refused rather than started after this; its statements are interrupted past it; a
  /// call that has not returned well past it makes the lane stuck. 0: none of these.
  virtual int64_t deadline_monotonic_ns() const { return 0; }

  /// For the crash marker: names the work so that a restart can count the kill against it, e.g.
  /// "event payments 7f3a 1042" or "job expire coupon-9". Empty: not tracked.
  virtual std::string marker() const { return {}; }
};

/// The single writer of one database. Takes whatever is queued (up to 128 calls or 5 ms of work),
/// runs each under its own savepoint, commits once with synchronous=FULL, then finishes all of
/// them. Thread-safe.
class Lane {
 public:
  virtual ~Lane() = default;

  /// Queues a call. False (and `call` untouched) when the queue is full or the lane stops: answer
  /// 503.
  virtual bool submit(std::unique_ptr<WriteCall>& call) = 0;

  /// Runs `work` as a write call and waits for its fate; for start-up, admin and tests, never from
  /// an I/O thread or the lane itself. An error from `work` rolls back.
  virtual Result<void> run_now(std::function<Result<void>(Session&)> work) = 0;

  /// Why writes are refused right now (disk full ...); empty when they are taken.
  virtual std::string read_only_reason() const = 0;
  /// A handler is past its deadline and has not returned.
  virtual bool stuck() const = 0;
  virtual size_t queued() const = 0;
};

}  // namespace forecourt::storage
