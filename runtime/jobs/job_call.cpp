#include "jobs/job_call.hpp"

#include <utility>

namespace forecourt::jobs {

using storage::Session;

JobCall::JobCall(std::shared_ptr<events::Activity> owner, std::shared_ptr<const Attached> attached,
                 JobRow row, events::Preparation preparation, Done done)
    : Attempt(std::move(owner), std::move(preparation),
              events::deadline_after(*attached->clock, attached->runner->timeout_ms())),
      attached_(std::move(attached)),
      row_(std::move(row)),
      marker_(job_marker(row_.job)),
      now_ms_(attached_->clock->now_ms()),
      done_(std::move(done)) {}

Result<events::Attempt::Claim> JobCall::claim(Session& session) {
  const std::string deadly = attached_->kills->verdict(marker_);
  // A replay is an admin's word against the count.
  if (!deadly.empty() && row_.job.state == k_waiting) {
    JobRow parked = row_;
    parked.job.state = k_parked;
    parked.job.attempts += attached_->kills->kills(marker_);
    parked.job.reason = deadly;
    Result<void> updated = update_row(session, parked);
    if (updated) updated = attached_->kills->erase(session, marker_);
    if (!updated) return std::move(updated).error();
    return Claim::settled;
  }
  Result<bool> taken = take_row(session, row_);
  if (!taken) return std::move(taken).error();
  return *taken ? Claim::run : Claim::gone;
}

Result<void> JobCall::handle(Session& session, events::Prepared* prepared) {
  return attached_->runner->handle(session, row_.job, prepared);
}

Result<void> JobCall::settle(Session& session) { return attached_->kills->erase(session, marker_); }

Result<void> JobCall::record_failure(Session& session, const Error& error) {
  JobRow failed = row_;
  ++failed.job.attempts;
  failed.job.reason = error.message;
  failed.next_ms = now_ms_ + attached_->policy.backoff_ms(failed.job.attempts);
  if (failed.job.attempts >= attached_->policy.failures_max) failed.job.state = k_parked;
  return update_row(session, failed);
}

bool JobCall::concluded(Outcome outcome, const Error& error) {
  if (outcome == Outcome::done) {
    attached_->kills->forget(marker_);
    attached_->committed();
  }
  return done_(outcome, error);
}

}  // namespace forecourt::jobs
