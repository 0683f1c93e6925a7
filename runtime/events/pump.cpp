#include "events/pump.hpp"

#include <utility>

#include "base/log.hpp"
#include "events/cursor.hpp"
#include "events/rows.hpp"

namespace forecourt::events {

using storage::Rows;
using storage::Session;

namespace {

constexpr int k_batch = 64;  // events read at a time
constexpr int k_window =
    2 * k_batch;  // calls in flight at most: one group commits, the next is queued
constexpr size_t k_page_bytes_max = 4 * 1024 * 1024;
constexpr int64_t k_look_ahead = 1024;  // rows looked through for one page
// Wakes are told, not polled; this only bounds what a lost one could cost.
constexpr std::chrono::milliseconds k_look_again{2000};
// Under load a page then holds what was published in this time rather than one event.
constexpr std::chrono::milliseconds k_rest{10};

// In a row, so for some seconds: by then somebody should know.
constexpr int k_refusals_an_alarm = 12;
const Error k_queue_full{Code::unavailable, "its write queue is full or stopping"};

std::string page_statement(size_t types) {
  std::string sql =
      "SELECT number, id, type, source, subject, org, time_ms, trace_id, data FROM fc_outbox "
      "WHERE number > $1 AND number <= $2 AND type IN (";
  for (size_t i = 0; i < types; ++i) sql += (i == 0 ? "$" : ", $") + std::to_string(i + 4);
  return sql + ") ORDER BY number LIMIT $3";
}

}  // namespace

Pump::Pump(Driver& driver, std::shared_ptr<const Subscriber> subscriber, std::string publisher,
           storage::Store& outbox, std::set<std::string> types, bool from_start)
    : CursorOwner(driver),
      subscriber_(std::move(subscriber)),
      name_(subscriber_->id),
      publisher_(std::move(publisher)),
      outbox_(outbox),
      types_(std::move(types)),
      select_(page_statement(types_.size())),
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

Result<History> Pump::history() {
  std::optional<History> found;
  Result<void> done = outbox_.read(0, [&found](Session& session) -> Result<void> {
    Result<History> history = read_history(session);
    if (!history) return std::move(history).error();
    found = *std::move(history);
    return {};
  });
  if (!done) return std::move(done).error();
  return *std::move(found);
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

/// Before the cursor exists or moves to another epoch: pruning must know the reader first.
Result<void> Pump::register_reader(const Cursor& at) {
  std::vector<Reader> readers;
  Result<void> read = outbox_.read(0, [&readers](Session& session) -> Result<void> {
    Result<std::vector<Reader>> all = read_readers(session);
    if (!all) return std::move(all).error();
    readers = *std::move(all);
    return {};
  });
  if (!read) return read;
  for (const Reader& reader : readers) {
    if (reader.name == name_ && reader.at.epoch == at.epoch && reader.at.number <= at.number) {
      return {};
    }
  }
  return outbox_.lane().run_now([this, &at](Session& session) {
    return put_reader(session, {name_, at});
  });
}

Result<void> Pump::locate() {
  Result<History> history = this->history();
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
  Result<void> registered = register_reader(at);
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
  Result<History> history = this->history();
  if (!history) return std::move(history).error();
  Result<std::optional<Cursor>> found = cursor();
  if (!found) return std::move(found).error();
  if (!*found) return Error{Code::state, "there is no cursor to move"};
  const Standing standing = judge(**found, *history);
  if (standing.trouble.empty()) return Error{Code::state, "the cursor is not stopped"};
  Result<void> registered = register_reader(standing.resume);
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

Result<Pump::Page> Pump::read_page(size_t room) {
  Page page;
  Result<void> read = outbox_.read(0, [&](Session& session) -> Result<void> {
    Result<std::string> epoch = read_epoch(session);
    if (!epoch) return std::move(epoch).error();
    page.epoch = *std::move(epoch);
    Result<int64_t> head = outbox_head(session);
    if (!head) return std::move(head).error();
    page.through = std::min(*head, looked_at_ + k_look_ahead);
    if (*head <= looked_at_) return {};
    Result<int64_t> oldest = integer(session, "SELECT MIN(number) FROM fc_outbox", {}, *head + 1);
    if (!oldest) return std::move(oldest).error();
    page.gap = *oldest > looked_at_ + 1;
    if (page.gap) return {};

    std::vector<storage::Value> parameters = {looked_at_, page.through, static_cast<int64_t>(room)};
    for (const std::string& type : types_) parameters.push_back(text(type));
    Result<Rows> rows = session.query(Session::Who::host, select_, parameters);
    if (!rows) return std::move(rows).error();
    size_t bytes = 0;
    for (;;) {
      Result<std::span<const storage::Value>> columns = rows->next();
      if (!columns) return std::move(columns).error();
      if (columns->empty()) break;
      page.events.push_back(event_of(*columns));
      bytes += page.events.back().data.size();
      if (page.events.size() < room && bytes < k_page_bytes_max) continue;
      page.through = page.events.back().number;
      break;
    }
    page.more = page.through < *head;
    return {};
  });
  if (!read) return std::move(read).error();
  return page;
}

void Pump::deliver() {
  hungry_ = true;
  const int room = k_window - calls();
  if (room < k_batch) return;  // a finished call wakes this pump
  hungry_ = false;

  Result<Page> page = read_page(k_batch);
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
  if (looked_at_ - chain_.number >= k_look_ahead || nothing_new) move_past_skipped();
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
