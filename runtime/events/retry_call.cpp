#include "events/retry_call.hpp"

#include <utility>

namespace forecourt::events {

using storage::Session;

RetryCall::RetryCall(std::shared_ptr<Activity> owner, std::shared_ptr<const Subscriber> subscriber,
                     ParkedRow row, Preparation preparation, Done done)
    : Attempt(std::move(owner), std::move(preparation),
              deadline_after(*subscriber->clock, subscriber->consumer->timeout_ms())),
      subscriber_(std::move(subscriber)),
      row_(std::move(row)),
      marker_(event_marker(row_.publisher, row_.epoch, row_.event.number)),
      now_ms_(subscriber_->clock->now_ms()),
      done_(std::move(done)) {}

Result<Attempt::Claim> RetryCall::claim(Session& session) {
  const std::string deadly = subscriber_->kills->verdict(marker_);
  // A replay is an admin's word against the count.
  if (!deadly.empty() && row_.state == k_retrying) {
    ParkedRow parked = row_;
    parked.state = k_parked;
    parked.attempts += subscriber_->kills->kills(marker_);
    parked.reason = deadly;
    Result<void> updated = update_row(session, parked);
    if (updated) updated = subscriber_->kills->erase(session, marker_);
    if (!updated) return std::move(updated).error();
    return Claim::settled;
  }
  Result<bool> taken = take_row(session, row_);
  if (!taken) return std::move(taken).error();
  return *taken ? Claim::run : Claim::gone;
}

Result<void> RetryCall::handle(Session& session, Prepared* prepared) {
  return subscriber_->consumer->handle(session, row_.event, prepared);
}

Result<void> RetryCall::settle(Session& session) {
  Result<void> erased = subscriber_->kills->erase(session, marker_);
  if (!erased) return erased;
  return release_next(session, row_.publisher, row_.event.subject, now_ms_);
}

Result<void> RetryCall::record_failure(Session& session, const Error& error) {
  ParkedRow failed = row_;
  ++failed.attempts;
  failed.reason = error.message;
  failed.due_ms = now_ms_ + subscriber_->policy.backoff_ms(failed.attempts);
  if (failed.attempts >= subscriber_->policy.failures_max) failed.state = k_parked;
  return update_row(session, failed);
}

bool RetryCall::concluded(Outcome outcome, const Error& error) {
  if (outcome == Outcome::done) {
    subscriber_->kills->forget(marker_);
    subscriber_->committed();
  }
  return done_(outcome, error);
}

}  // namespace forecourt::events
