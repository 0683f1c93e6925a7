#include "events/retrier.hpp"

#include <utility>

#include "events/retry_call.hpp"

namespace forecourt::events {

using storage::Session;

namespace {

constexpr size_t k_batch = 64;
// Due times are of the wall clock, which may jump: it is looked at this often while something waits
// for it.
constexpr std::chrono::milliseconds k_look_again{1000};

const Error k_closing{Code::unavailable, "the plugin is stopping"};

Error not_parked(const std::string& publisher, int64_t number) {
  return not_found("no event " + std::to_string(number) + " of " + publisher + " is set aside");
}

}  // namespace

Retrier::Retrier(Driver& driver, std::shared_ptr<const Subscriber> subscriber)
    : Activity(driver), subscriber_(std::move(subscriber)) {}

void Retrier::trouble() { pause(refusal_wait(refusals_++)); }

void Retrier::step() {
  if (calls() > 0) return;  // the last one wakes this
  if (!subscriber_->kills->load()) return trouble();
  Result<std::vector<ParkedRow>> rows = due();
  if (!rows) return trouble();
  for (ParkedRow& row : *rows) {
    if (closing()) return;
    if (!run(std::move(row))) return trouble();
  }
  if (rows->empty() && waiting_) sleep(k_look_again);
}

Result<std::vector<ParkedRow>> Retrier::due() {
  std::vector<ParkedRow> rows;
  const int64_t now_ms = subscriber_->clock->now_ms();
  Result<void> read = subscriber_->store->read(0, [&](Session& session) -> Result<void> {
    Result<std::vector<ParkedRow>> found =
        due_rows(session, now_ms, now_ms + subscriber_->policy.backoff_max_ms, k_batch);
    if (!found) return std::move(found).error();
    rows = *std::move(found);
    Result<bool> waiting = any_retrying(session);
    if (!waiting) return std::move(waiting).error();
    waiting_ = *waiting;
    return {};
  });
  if (!read) return std::move(read).error();
  return rows;
}

bool Retrier::run(ParkedRow row) {
  Preparation preparation;
  {
    std::lock_guard lock(mutex_);
    const auto destroyed = destroyed_.find(row.sequence);
    if (destroyed != destroyed_.end()) preparation.failure = destroyed->second;
  }
  const bool deadly =
      !subscriber_->kills->verdict(event_marker(row.publisher, row.epoch, row.event.number))
           .empty();
  if (!preparation.failure && !deadly) {
    preparation = Preparation(subscriber_->consumer->prepare(row.event));
  }
  auto self = std::static_pointer_cast<Retrier>(shared_from_this());
  const int64_t sequence = row.sequence;
  auto done = [self, sequence](Attempt::Outcome outcome, const Error& error) {
    return self->concluded(sequence, outcome, error);
  };
  return submit(subscriber_->store->lane(), *this,
                std::make_unique<RetryCall>(self, subscriber_, std::move(row),
                                            std::move(preparation), std::move(done)));
}

bool Retrier::concluded(int64_t sequence, Attempt::Outcome outcome, const Error& error) {
  using enum Attempt::Outcome;
  if (outcome == done || outcome == failed) {
    refusals_ = 0;
    std::lock_guard lock(mutex_);
    destroyed_.erase(sequence);
  }
  if (outcome == destroyed) {
    std::lock_guard lock(mutex_);
    destroyed_.insert_or_assign(sequence, error);
  }
  return true;
}

Result<std::vector<ParkedRow>> Retrier::rows() {
  const Hold hold(*this);
  if (!hold) return k_closing;
  std::vector<ParkedRow> rows;
  Result<void> read = subscriber_->store->read(0, [&rows](Session& session) -> Result<void> {
    Result<std::vector<ParkedRow>> all = all_rows(session);
    if (!all) return std::move(all).error();
    rows = *std::move(all);
    return {};
  });
  if (!read) return std::move(read).error();
  return rows;
}

Result<ParkedRow> Retrier::find(const std::string& publisher, int64_t number) {
  std::optional<ParkedRow> row;
  Result<void> read = subscriber_->store->read(0, [&](Session& session) -> Result<void> {
    Result<std::optional<ParkedRow>> found = find_row(session, publisher, number);
    if (!found) return std::move(found).error();
    row = *std::move(found);
    return {};
  });
  if (!read) return std::move(read).error();
  if (!row) return not_parked(publisher, number);
  return *std::move(row);
}

Result<void> Retrier::replay(const std::string& publisher, int64_t number) {
  const Hold hold(*this);
  if (!hold) return k_closing;
  Result<ParkedRow> row = find(publisher, number);
  if (!row) return std::move(row).error();
  if (row->state == k_behind) {
    return Error{Code::state,
                 "event " + std::to_string(number) + " of " + publisher +
                     " waits behind an earlier one of its subject; replay or drop that first"};
  }
  Preparation preparation(subscriber_->consumer->prepare(row->event));
  auto answer = std::make_shared<Answer>();
  auto done = [answer](Attempt::Outcome outcome, const Error& error) {
    answer->give(outcome, error);
    return true;
  };
  const bool queued =
      submit(subscriber_->store->lane(), *this,
             std::make_unique<RetryCall>(shared_from_this(), subscriber_, *std::move(row),
                                         std::move(preparation), std::move(done)));
  if (queued) return answer->wait();
  return Error{Code::unavailable, "the store of " + subscriber_->id + " takes no writes now"};
}

Result<void> Retrier::drop(const std::string& publisher, int64_t number) {
  const Hold hold(*this);
  if (!hold) return k_closing;
  Result<ParkedRow> row = find(publisher, number);
  if (!row) return std::move(row).error();
  const std::string marker = event_marker(row->publisher, row->epoch, row->event.number);
  Result<void> dropped = subscriber_->store->lane().run_now([&](Session& session) -> Result<void> {
    Result<bool> taken = take_row(session, *row);
    if (!taken) return std::move(taken).error();
    if (!*taken) return Error{Code::conflict, "it has been run or dropped meanwhile"};
    Result<void> erased = subscriber_->kills->erase(session, marker);
    if (!erased) return erased;
    return release_next(session, publisher, row->event.subject, subscriber_->clock->now_ms());
  });
  if (!dropped) return dropped;
  subscriber_->kills->forget(marker);
  wake();
  return {};
}

}  // namespace forecourt::events
