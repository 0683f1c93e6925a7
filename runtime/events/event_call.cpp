#include "events/event_call.hpp"

#include <utility>

#include "events/cursor.hpp"
#include "events/parking.hpp"

namespace forecourt::events {

using storage::Session;

CursorCall::CursorCall(std::shared_ptr<CursorOwner> owner, std::string publisher, Cursor from,
                       Cursor to)
    : Attempt(owner, {}, 0),
      owner_(std::move(owner)),
      publisher_(std::move(publisher)),
      from_(std::move(from)),
      to_(std::move(to)) {}

Result<Attempt::Claim> CursorCall::claim(Session& session) {
  Result<bool> moved = move_cursor(session, publisher_, from_, to_);
  if (!moved) return std::move(moved).error();
  return *moved ? Claim::settled : Claim::gone;
}

bool CursorCall::concluded(Outcome outcome, const Error& error) {
  return owner_->concluded(to_.number, outcome, error);
}

EventCall::EventCall(std::shared_ptr<CursorOwner> owner,
                     std::shared_ptr<const Subscriber> subscriber, std::string publisher,
                     Cursor from, Event event, Preparation preparation)
    : Attempt(owner, std::move(preparation),
              deadline_after(*subscriber->clock, subscriber->consumer->timeout_ms())),
      owner_(std::move(owner)),
      subscriber_(std::move(subscriber)),
      publisher_(std::move(publisher)),
      from_(std::move(from)),
      event_(std::move(event)),
      marker_(event_marker(publisher_, from_.epoch, event_.number)),
      now_ms_(subscriber_->clock->now_ms()) {}

Result<bool> EventCall::move(Session& session) {
  return move_cursor(session, publisher_, from_, {from_.epoch, event_.number});
}

Result<Attempt::Claim> EventCall::claim(Session& session) {
  Result<bool> moved = move(session);
  if (!moved) return std::move(moved).error();
  if (!*moved) return Claim::gone;

  Result<bool> waits = subject_waits(session, publisher_, event_.subject);
  if (!waits) return std::move(waits).error();
  if (*waits) {
    Result<void> aside =
        put_aside(session, k_behind, 0, 0, "waits for an earlier event of its subject");
    if (!aside) return std::move(aside).error();
    return Claim::settled;
  }

  const std::string deadly = subscriber_->kills->verdict(marker_);
  if (deadly.empty()) return Claim::run;
  Result<void> aside =
      put_aside(session, k_parked, subscriber_->kills->kills(marker_), now_ms_, deadly);
  if (aside) aside = subscriber_->kills->erase(session, marker_);
  if (!aside) return std::move(aside).error();
  return Claim::settled;
}

Result<void> EventCall::handle(Session& session, Prepared* prepared) {
  return subscriber_->consumer->handle(session, event_, prepared);
}

Result<void> EventCall::settle(Session& session) {
  return subscriber_->kills->erase(session, marker_);
}

Result<void> EventCall::record_failure(Session& session, const Error& error) {
  Result<bool> moved = move(session);
  if (!moved) return std::move(moved).error();
  if (!*moved) return Error{Code::stale, "the cursor has moved"};
  const bool last = subscriber_->policy.failures_max <= 1;
  return put_aside(session, last ? k_parked : k_retrying, 1,
                   now_ms_ + subscriber_->policy.backoff_ms(1), error.message);
}

Result<void> EventCall::put_aside(Session& session, std::string_view state, int attempts,
                                  int64_t due_ms, const std::string& reason) {
  ParkedRow row;
  row.publisher = publisher_;
  row.epoch = from_.epoch;
  row.event = event_;
  row.state = state;
  row.attempts = attempts;
  row.due_ms = due_ms;
  row.reason = reason;
  return set_aside(session, row);
}

bool EventCall::concluded(Outcome outcome, const Error& error) {
  if (outcome == Outcome::done) {
    subscriber_->kills->forget(marker_);
    subscriber_->committed();
  }
  if (outcome == Outcome::failed) subscriber_->set_aside();
  return owner_->concluded(event_.number, outcome, error);
}

}  // namespace forecourt::events
