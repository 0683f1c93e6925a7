#include "events/pump.hpp"

#include <utility>

#include "base/log.hpp"
#include "events/cursor.hpp"

namespace forecourt::events {

using storage::Session;

namespace {

constexpr int k_batch = 64;  // events read at a time
constexpr int k_window =
    2 * k_batch;  // calls in flight at most: one group commits, the next is queued
constexpr int64_t k_skipped_max = 1024;  // events nobody here consumes that one call moves past
// Wakes are told, not polled; this only bounds what a lost one could cost.
constexpr std::chrono::milliseconds k_look_again{2000};
// Under load a page then holds what was published in this time rather than one event.
constexpr std::chrono::milliseconds k_rest{10};

// In a row, so for some seconds: by then somebody should know.
constexpr int k_refusals_an_alarm = 12;
const Error k_queue_full{Code::unavailable, "its write queue is full or stopping"};

}  // namespace

Pump::Pump(Driver& driver, std::shared_ptr<const Subscriber> subscriber, std::string publisher,
           std::shared_ptr<Source> source, std::set<std::string> types, bool from_start)
    : CursorOwner(driver),
      subscriber_(std::move(subscriber)),
      name_(subscriber_->id),
      publisher_(std::move(publisher)),
      source_(std::move(source)),
      types_(types.begin(), types.end()),
      from_start_(from_start) {}

void Pump::start() {
  Result<void> located = locate();
  if (!located) log::warn("events", located.error().message, {{"subscriber", name_}});
}

std::string Pump::alarm() const {
  std::lock_guard lock(mutex_);
  if (!stopped_.empty()) return stopped_;
  if (refusals_ < k_refusals_an_alarm) return {};
  return name_ + ": cannot take the events of " + publisher_ + ": " + refusal_;
}

std::optional<Cursor> Pump::confirmed() const {
  std::lock_guard lock(mutex_);
  return confirmed_;
}

Result<std::optional<Cursor>> Pump::cursor() {
  std::optional<Cursor> found;
  Result<void> done = subscriber_->store->read(0, [this, &found](Session& session) -> Result<void> {
    Result<std::optional<Cursor>> cursor = read_cursor(session, publisher_);
    if (!cursor) return std::move(cursor).error();
    found = *std::move(cursor);
    return {};
  });
  if (!done) return std::move(done).error();
  return found;
}

Result<void> Pump::locate() {
  Result<History> history = source_->history();
  if (!history) return std::move(history).error();
  if (!first_) {
    first_ = Cursor{history->epoch(), from_start_ ? history->oldest - 1 : history->head};
  }
  Result<std::optional<Cursor>> found = cursor();
  if (!found) return std::move(found).error();

  const Standing standing = judge(found->value_or(*first_), *history);
  {
    std::lock_guard lock(mutex_);
    std::string alarm;
    if (!standing.trouble.empty()) {
      alarm = name_ + ": stopped reading " + publisher_ + ": " + standing.trouble;
    }
    if (!alarm.empty() && alarm != stopped_) log::error("events", alarm);
    stopped_ = std::move(alarm);
  }
  if (!standing.trouble.empty()) return {};

  const Cursor at = standing.resume;
  Result<void> registered = source_->register_reader({name_, at});
  if (!registered) return registered;
  if (!*found || (*found)->epoch != at.epoch) {
    Result<void> written =
        subscriber_->store->lane().run_now([&](Session& session) -> Result<void> {
          if (!*found) return create_cursor(session, publisher_, at);
          Result<bool> moved = move_cursor(session, publisher_, **found, at);
          if (!moved) return std::move(moved).error();
          return {};
        });
    if (!written) return written;
  }
  chain_ = at;
  looked_at_ = at.number;
  located_ = true;
  std::lock_guard lock(mutex_);
  confirmed_ = at;
  return {};
}

Result<void> Pump::resume() {
  const Hold hold(*this);
  if (!hold) return Error{Code::unavailable, name_ + " is stopping"};
  Result<History> history = source_->history();
  if (!history) return std::move(history).error();
  Result<std::optional<Cursor>> found = cursor();
  if (!found) return std::move(found).error();
  if (!*found) return Error{Code::state, "there is no cursor to move"};
  const Standing standing = judge(**found, *history);
  if (standing.trouble.empty()) return Error{Code::state, "the cursor is not stopped"};
  Result<void> registered = source_->register_reader({name_, standing.resume});
  if (!registered) return registered;
  Result<void> moved = subscriber_->store->lane().run_now([&](Session& session) -> Result<void> {
    Result<bool> done = move_cursor(session, publisher_, **found, standing.resume);
    if (!done) return std::move(done).error();
    if (!*done) return Error{Code::conflict, "the cursor has moved meanwhile"};
    return {};
  });
  if (moved) wake();
  return moved;
}

void Pump::trouble(const Error& why) {
  {
    std::lock_guard lock(mutex_);
    refusal_ = why.message;
  }
  pause(refusal_wait(refusals_++));
}

void Pump::step() {
  if (derailed_) {
    if (calls() > 0) return;  // the last one wakes this pump
    derailed_ = false;
    located_ = false;
    if (refusals_ > 0) return pause(refusal_wait(refusals_++));
  }
  Result<void> ready = subscriber_->kills->load();
  if (ready && !located_) ready = locate();
  if (!ready) return trouble(ready.error());
  if (!located_) return sleep(k_look_again);  // stopped, with an alarm
  deliver();
}

Result<Page> Pump::read_page() {
  PageRequest request;
  request.reader = name_;
  request.confirmed = confirmed().value_or(Cursor());
  request.after = looked_at_;
  request.types = types_;
  request.events_max = k_batch;
  return source_->page(request);
}

void Pump::deliver() {
  hungry_ = true;
  const int room = k_window - calls();
  if (room < k_batch) return;  // a finished call wakes this pump
  hungry_ = false;

  Result<Page> page = read_page();
  if (!page) return trouble(page.error());
  if (page->epoch != chain_.epoch || page->gap) {
    derailed_ = true;
    return wake();
  }
  for (Event& event : page->events) {
    if (closing()) return;
    if (derailed_) return wake();
    if (!deliver_event(std::move(event))) return;
  }
  const bool nothing_new = page->through <= looked_at_ && page->events.empty();
  looked_at_ = std::max(looked_at_, page->through);
  if (looked_at_ - chain_.number >= k_skipped_max || nothing_new) move_past_skipped();
  if (page->more) return wake();
  rest(k_rest);
  sleep(k_look_again);
}

/// Events nobody here consumes cost no call of their own: the next event's call moves past them, or
/// this one does when there are many, or a while after the last.
void Pump::move_past_skipped() {
  if (looked_at_ == chain_.number) return;
  Cursor to{chain_.epoch, looked_at_};
  auto self = std::static_pointer_cast<Pump>(shared_from_this());
  if (!submit(subscriber_->store->lane(), *this,
              std::make_unique<CursorCall>(self, publisher_, chain_, to))) {
    return trouble(k_queue_full);
  }
  chain_ = std::move(to);
}

bool Pump::deliver_event(Event event) {
  const int64_t number = event.number;
  Preparation preparation;
  {
    std::lock_guard lock(mutex_);
    const auto destroyed = destroyed_.find(number);
    if (destroyed != destroyed_.end()) preparation.failure = destroyed->second;
  }
  const bool deadly =
      !subscriber_->kills->verdict(event_marker(publisher_, chain_.epoch, number)).empty();
  if (!preparation.failure && !deadly) {
    preparation = Preparation(subscriber_->consumer->prepare(event));
  }
  auto self = std::static_pointer_cast<Pump>(shared_from_this());
  auto call = std::make_unique<EventCall>(self, subscriber_, publisher_, chain_, std::move(event),
                                          std::move(preparation));
  if (!submit(subscriber_->store->lane(), *this, std::move(call))) {
    trouble(k_queue_full);
    return false;
  }
  chain_.number = number;
  looked_at_ = number;
  return true;
}

bool Pump::concluded(int64_t number, Attempt::Outcome outcome, const Error& error) {
  using enum Attempt::Outcome;
  const int left = calls() - 1;
  if (outcome == done || outcome == failed) {
    refusals_ = 0;
    {
      std::lock_guard lock(mutex_);
      destroyed_.erase(number);
      if (confirmed_) confirmed_->number = number;
    }
    return derailed_ ? left == 0 : hungry_ && left <= k_batch;
  }
  derailed_ = true;
  std::lock_guard lock(mutex_);
  if (outcome == destroyed) destroyed_.insert_or_assign(number, error);
  if (outcome == refused || outcome == unknown) {
    refusals_ = std::max(refusals_.load(), 1);
    refusal_ = error.message;
  }
  return left == 0;
}

}  // namespace forecourt::events
