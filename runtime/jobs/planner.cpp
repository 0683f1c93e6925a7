#include "jobs/planner.hpp"

#include <algorithm>
#include <utility>

#include "events/subscriber.hpp"

namespace forecourt::jobs {

using events::Attempt;
using events::Preparation;
using std::chrono::milliseconds;
using storage::Session;

namespace {

constexpr size_t k_batch = 64;
// Due times are of the wall clock, which may jump: it is looked at this often while a job waits.
constexpr int64_t k_look_again_ms = 1000;
// A busy plugin commits all the time; most commits plan nothing.
constexpr milliseconds k_rest{10};

const Error k_closing{Code::unavailable, "the plugin is stopping"};

Error not_set_aside(const std::string& kind, const std::string& key) {
  return not_found("no job " + kind + " with key \"" + key + "\" has failed");
}

}  // namespace

Planner::Planner(events::Driver& driver, std::shared_ptr<const Attached> attached)
    : Activity(driver), attached_(std::move(attached)) {}

void Planner::trouble() { pause(events::refusal_wait(refusals_++)); }

void Planner::step() {
  if (calls() > 0) return;  // the last one wakes this
  if (!attached_->kills->load()) return trouble();
  const int64_t now_ms = attached_->clock->now_ms();
  Result<Due> due = this->due(now_ms);
  if (!due) return trouble();
  for (JobRow& row : due->rows) {
    if (closing()) return;
    if (!run(std::move(row))) return trouble();
  }
  if (due->rows.empty()) sleep_until_due(due->next_ms, now_ms);
}

void Planner::sleep_until_due(std::optional<int64_t> next_ms, int64_t now_ms) {
  rest(k_rest);
  if (!next_ms) return;
  sleep(milliseconds(*next_ms < now_ms + k_look_again_ms ? std::max<int64_t>(*next_ms - now_ms, 1)
                                                         : k_look_again_ms));
}

Result<Planner::Due> Planner::due(int64_t now_ms) {
  Due due;
  Result<void> read = attached_->store->read(0, [&](Session& session) -> Result<void> {
    Result<std::vector<JobRow>> rows =
        due_rows(session, now_ms, now_ms + attached_->policy.backoff_max_ms, k_batch);
    if (!rows) return std::move(rows).error();
    due.rows = *std::move(rows);
    Result<std::optional<int64_t>> next = next_due(session);
    if (!next) return std::move(next).error();
    due.next_ms = *next;
    return {};
  });
  if (!read) return std::move(read).error();
  return due;
}

bool Planner::run(JobRow row) {
  Preparation preparation;
  {
    std::lock_guard lock(mutex_);
    const auto destroyed = destroyed_.find(row.number);
    if (destroyed != destroyed_.end()) preparation.failure = destroyed->second;
  }
  if (!preparation.failure && attached_->kills->verdict(job_marker(row.job)).empty()) {
    preparation = Preparation(attached_->runner->prepare(row.job));
  }
  auto self = std::static_pointer_cast<Planner>(shared_from_this());
  const int64_t number = row.number;
  auto done = [self, number](Attempt::Outcome outcome, const Error& error) {
    return self->concluded(number, outcome, error);
  };
  return events::submit(attached_->store->lane(), *this,
                        std::make_unique<JobCall>(self, attached_, std::move(row),
                                                  std::move(preparation), std::move(done)));
}

bool Planner::concluded(int64_t number, Attempt::Outcome outcome, const Error& error) {
  using enum Attempt::Outcome;
  if (outcome == destroyed) {
    std::lock_guard lock(mutex_);
    destroyed_.insert_or_assign(number, error);
  }
  if (outcome == done || outcome == failed) {
    refusals_ = 0;
    std::lock_guard lock(mutex_);
    destroyed_.erase(number);
  }
  return true;
}

Result<std::vector<Job>> Planner::troubled() {
  const events::Hold hold(*this);
  if (!hold) return k_closing;
  std::vector<Job> jobs;
  Result<void> read = attached_->store->read(0, [&jobs](Session& session) -> Result<void> {
    Result<std::vector<JobRow>> rows = troubled_rows(session);
    if (!rows) return std::move(rows).error();
    for (JobRow& row : *rows) jobs.push_back(std::move(row.job));
    return {};
  });
  if (!read) return std::move(read).error();
  return jobs;
}

Result<JobRow> Planner::find(const std::string& kind, const std::string& key) {
  std::optional<JobRow> row;
  Result<void> read = attached_->store->read(0, [&](Session& session) -> Result<void> {
    Result<std::optional<JobRow>> found = find_troubled(session, kind, key);
    if (!found) return std::move(found).error();
    row = *std::move(found);
    return {};
  });
  if (!read) return std::move(read).error();
  if (!row) return not_set_aside(kind, key);
  return *std::move(row);
}

Result<void> Planner::replay(const std::string& kind, const std::string& key) {
  const events::Hold hold(*this);
  if (!hold) return k_closing;
  Result<JobRow> row = find(kind, key);
  if (!row) return std::move(row).error();
  Preparation preparation(attached_->runner->prepare(row->job));
  auto answer = std::make_shared<events::Answer>();
  auto done = [answer](Attempt::Outcome outcome, const Error& error) {
    answer->give(outcome, error);
    return true;
  };
  const bool queued =
      events::submit(attached_->store->lane(), *this,
                     std::make_unique<JobCall>(shared_from_this(), attached_, *std::move(row),
                                               std::move(preparation), std::move(done)));
  if (queued) return answer->wait();
  return Error{Code::unavailable, "the store of " + attached_->plugin + " takes no writes now"};
}

Result<void> Planner::drop(const std::string& kind, const std::string& key) {
  const events::Hold hold(*this);
  if (!hold) return k_closing;
  Result<JobRow> row = find(kind, key);
  if (!row) return std::move(row).error();
  const std::string marker = job_marker(row->job);
  Result<void> dropped = attached_->store->lane().run_now([&](Session& session) -> Result<void> {
    Result<bool> taken = take_row(session, *row);
    if (!taken) return std::move(taken).error();
    if (!*taken) return Error{Code::conflict, "it has been run or dropped meanwhile"};
    return attached_->kills->erase(session, marker);
  });
  if (dropped) attached_->kills->forget(marker);
  return dropped;
}

}  // namespace forecourt::jobs
