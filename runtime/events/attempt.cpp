#include "events/attempt.hpp"

#include <utility>

namespace forecourt::events {

using storage::Fate;
using storage::Session;
using storage::Verdict;

namespace {

/// The host's statements are bound neither by the handler's deadline nor to its org.
void leave_handler(Session& session) {
  session.set_deadline(0);
  session.set_org({});
}

}  // namespace

Preparation::Preparation(Result<std::unique_ptr<Prepared>> made) {
  if (made) {
    prepared = *std::move(made);
  } else {
    failure = std::move(made).error();
  }
}

Attempt::Attempt(std::shared_ptr<Activity> owner, Preparation preparation, int64_t deadline_ns)
    : owner_(std::move(owner)), preparation_(std::move(preparation)), deadline_ns_(deadline_ns) {}

Verdict Attempt::run(Session& session) {
  running_ = true;
  ran_ = Outcome::refused;
  recorded_ = false;
  Result<Claim> claimed = claim_and_handle(session);
  if (claimed) {
    ran_ = *claimed == Claim::gone ? Outcome::gone : Outcome::done;
  } else {
    error_ = std::move(claimed).error();
  }
  running_ = false;
  return ran_ == Outcome::done ? Verdict::commit : Verdict::roll_back;
}

Result<Attempt::Claim> Attempt::claim_and_handle(Session& session) {
  Result<Claim> claimed = claim(session);
  if (!claimed || *claimed != Claim::run) return claimed;
  // From here on an error is the work's own.
  ran_ = Outcome::failed;
  if (preparation_.failure) return *preparation_.failure;
  Result<void> handled = handle(session, preparation_.prepared.get());
  leave_handler(session);
  if (handled) handled = settle(session);
  if (session.transaction_lost()) {
    ran_ = Outcome::destroyed;
    if (handled) handled = Error{Code::state, "a statement destroyed the transaction"};
  }
  if (!handled) return std::move(handled).error();
  return claimed;
}

void Attempt::after_roll_back(Session& session) {
  leave_handler(session);
  if (ran_ == Outcome::failed) recorded_ = record_failure(session, error_).ok();
}

Attempt::Outcome Attempt::outcome_of(Fate fate, const Error& why) const {
  switch (fate) {
    case Fate::committed: return Outcome::done;
    case Fate::rolled_back:
      if (ran_ == Outcome::failed) return recorded_ ? Outcome::failed : Outcome::refused;
      return ran_;
    case Fate::refused:
      // A full disk or quota ends the transaction too, but it is the store that must recover.
      return ran_ == Outcome::destroyed && why.code != Code::read_only ? Outcome::destroyed
                                                                       : Outcome::refused;
    case Fate::unknown: break;
  }
  return Outcome::unknown;
}

void Attempt::finished(Fate fate, const Error& why) {
  // The watchdog gave this one up in the middle of its handler. What the lane's thread writes is
  // not to be read here; nothing of a late return will stand.
  if (running_) {
    owner_->end_call(concluded(Outcome::destroyed, {Code::cancelled, "did not return in time"}));
    return;
  }
  const Outcome outcome = outcome_of(fate, why);
  const bool own_error = outcome == Outcome::failed || outcome == Outcome::destroyed;
  const bool look = concluded(outcome, own_error ? error_ : why);
  preparation_.prepared.reset();
  release();
  owner_->end_call(look);
}

void Answer::give(Attempt::Outcome outcome, const Error& error) {
  if (outcome == Attempt::Outcome::done) {
    promise_.set_value({});
  } else if (outcome == Attempt::Outcome::gone) {
    promise_.set_value(Error{Code::conflict, "it has been run or dropped meanwhile"});
  } else {
    promise_.set_value(error);
  }
}

bool submit(storage::Lane& lane, Activity& owner, std::unique_ptr<Attempt> attempt) {
  if (!owner.begin_call()) return false;
  std::unique_ptr<storage::WriteCall> call = std::move(attempt);
  if (lane.submit(call)) return true;
  call.reset();
  owner.end_call(false);
  return false;
}

}  // namespace forecourt::events
