#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "events/activity.hpp"
#include "events/consumer.hpp"
#include "storage/lane.hpp"

namespace forecourt::events {

/// What came of a prepare: what it left, or how it failed.
struct Preparation {
  Preparation() = default;
  explicit Preparation(Result<std::unique_ptr<Prepared>> made);

  std::unique_ptr<Prepared> prepared;
  std::optional<Error> failure;
};

/// One try at work that must take effect once: the delivery of an event, its retry, a job. The
/// claim (a cursor moved, a row deleted) and the handler's writes share one savepoint; a failure is
/// recorded in the same transaction, outside that savepoint.
class Attempt : public storage::WriteCall {
 public:
  enum class Outcome {
    done,       ///< committed
    failed,     ///< the handler's writes are undone, the failure is recorded, both on disk
    gone,       ///< there was nothing to claim any more; nothing was written
    destroyed,  ///< the work took the whole transaction with it: a failure that nobody could record
                ///< yet
    refused,    ///< the store's trouble, not the work's; try again later
    unknown,    ///< it may or may not be on disk: read what is there
  };

  /// `deadline_ns`: on the monotonic clock, for waiting in the queue and running together.
  /// A preparation with a failure: the work has failed already, before the lane (its prepare, or an
  /// earlier run that was destroyed); only record that.
  Attempt(std::shared_ptr<Activity> owner, Preparation preparation, int64_t deadline_ns);

  storage::Verdict run(storage::Session& session) final;
  void after_roll_back(storage::Session& session) final;
  void finished(storage::Fate fate, const Error& why) final;
  std::string marker() const override { return {}; }
  int64_t deadline_monotonic_ns() const final { return deadline_ns_; }

 protected:
  enum class Claim {
    gone,     ///< somebody else has had it
    settled,  ///< done without running the handler
    run,      ///< now run the handler
  };

  virtual Result<Claim> claim(storage::Session& session) = 0;
  virtual Result<void> handle(storage::Session& session, Prepared* prepared) = 0;
  /// After the handler, in its savepoint: what follows from its success.
  virtual Result<void> settle(storage::Session&) { return {}; }
  virtual Result<void> record_failure(storage::Session& session, const Error& error) = 0;
  /// Once, when all is known; the call still counts as in flight. `error` is the failure's or the
  /// refusal's. Returns whether the owner should look again. Never blocks.
  virtual bool concluded(Outcome outcome, const Error& error) = 0;
  /// Lets go of the generation's code, before the call stops counting as in flight.
  virtual void release() {}

 private:
  Result<Claim> claim_and_handle(storage::Session& session);
  Outcome outcome_of(storage::Fate fate, const Error& why) const;

  std::shared_ptr<Activity> owner_;
  Preparation preparation_;
  const int64_t deadline_ns_;
  std::atomic<bool> running_{false};  // a watchdog may finish a call that hangs in its handler
  // Of the last run; the lane's thread only.
  Outcome ran_ = Outcome::refused;
  bool recorded_ = false;
  Error error_;
};

/// The outcome of an attempt that somebody waits for: done, or the error that says why not.
class Answer {
 public:
  void give(Attempt::Outcome outcome, const Error& error);
  Result<void> wait() { return promise_.get_future().get(); }

 private:
  std::promise<Result<void>> promise_;
};

/// Hands a call to the lane, counted as in flight. False when the lane takes no more or `owner` is
/// closing.
bool submit(storage::Lane& lane, Activity& owner, std::unique_ptr<Attempt> attempt);

inline int64_t deadline_after(const Clock& clock, int64_t timeout_ms) {
  return timeout_ms <= 0 ? 0 : clock.monotonic_ns() + timeout_ms * 1'000'000;
}

}  // namespace forecourt::events
