#include "events/pruner.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "events/rows.hpp"

namespace forecourt::events {

using storage::Session;

namespace {

constexpr std::chrono::milliseconds k_look_again{60'000};
constexpr std::chrono::milliseconds k_refused_wait{1000};

bool same(const Cursor& a, const Cursor& b) { return a.epoch == b.epoch && a.number == b.number; }

}  // namespace

/// Writes down how far readers are, then deletes one slice.
class Pruner::Slice final : public storage::WriteCall {
 public:
  Slice(std::shared_ptr<Pruner> owner, std::vector<Reader> moved)
      : owner_(std::move(owner)), moved_(std::move(moved)) {}

  storage::Verdict run(Session& session) override {
    again_ = false;
    return work(session) ? storage::Verdict::commit : storage::Verdict::roll_back;
  }

  void finished(storage::Fate fate, const Error&) override {
    owner_->end_call(fate == storage::Fate::committed && again_);
  }

 private:
  Result<void> work(Session& session) {
    for (const Reader& reader : moved_) {
      Result<int64_t> updated =
          session.execute("UPDATE fc_subscriber SET epoch = $1, number = $2 WHERE name = $3",
                          {text(reader.at.epoch), reader.at.number, text(reader.name)});
      if (!updated) return std::move(updated).error();
    }
    Result<History> history = read_history(session);
    if (!history) return std::move(history).error();
    // As it stands here, not as a snapshot saw it: a reader may have been added since.
    Result<std::vector<Reader>> readers = read_readers(session);
    if (!readers) return std::move(readers).error();
    const int64_t through = owner_->prunable_through(*history, *readers);
    if (through < history->oldest) return {};
    const int64_t end = std::min(through, history->oldest + owner_->retention_.slice - 1);
    Result<int64_t> deleted = session.execute("DELETE FROM fc_outbox WHERE number <= $1", {end});
    if (!deleted) return std::move(deleted).error();
    again_ = through - end >= owner_->retention_.slice;
    return {};
  }

  const std::shared_ptr<Pruner> owner_;
  const std::vector<Reader> moved_;
  bool again_ = false;
};

Pruner::Pruner(Driver& driver, std::string publisher, storage::Store& outbox, const Clock& clock,
               Retention retention, Running running)
    : Activity(driver),
      publisher_(std::move(publisher)),
      outbox_(outbox),
      clock_(clock),
      retention_(retention),
      running_(std::move(running)) {}

std::vector<std::string> Pruner::alarms() const {
  std::lock_guard lock(mutex_);
  return alarms_;
}

void Pruner::step() {
  if (calls() > 0) return;
  Result<View> view = look();
  if (!view) return pause(k_refused_wait);
  {
    std::lock_guard lock(mutex_);
    if (alarms_ != view->alarms) {
      for (const std::string& alarm : view->alarms) log::warn("events", alarm);
    }
    alarms_ = view->alarms;
  }

  std::vector<Reader> moved;
  for (const Reader& running : running_()) {
    const auto known = std::ranges::find(view->readers, running.name, &Reader::name);
    if (known == view->readers.end() || same(known->at, running.at)) continue;
    known->at = running.at;
    moved.push_back(running);
  }
  sleep(k_look_again);
  const int64_t prunable =
      prunable_through(view->history, view->readers) - view->history.oldest + 1;
  if (moved.empty() && prunable < retention_.slice) return;

  if (!begin_call()) return;
  auto self = std::static_pointer_cast<Pruner>(shared_from_this());
  std::unique_ptr<storage::WriteCall> call = std::make_unique<Slice>(self, std::move(moved));
  if (outbox_.lane().submit(call)) return;
  call.reset();
  end_call(false);
}

Result<Pruner::View> Pruner::look() {
  View view;
  std::vector<Reader> running = running_();
  Result<void> read = outbox_.read(0, [&](Session& session) -> Result<void> {
    Result<History> history = read_history(session);
    if (!history) return std::move(history).error();
    view.history = *std::move(history);
    Result<std::vector<Reader>> readers = read_readers(session);
    if (!readers) return std::move(readers).error();
    view.readers = *std::move(readers);
    for (Reader reader : view.readers) {
      const auto known = std::ranges::find(running, reader.name, &Reader::name);
      if (known != running.end()) reader.at = known->at;
      std::string late = lag(session, view.history, reader);
      if (!late.empty()) view.alarms.push_back(std::move(late));
    }
    return {};
  });
  if (!read) return std::move(read).error();
  return view;
}

/// Where a reader would go on, stopped or not, is what it still needs.
int64_t Pruner::prunable_through(const History& history, const std::vector<Reader>& readers) const {
  int64_t slowest = history.head;
  for (const Reader& reader : readers) {
    slowest = std::min(slowest, judge(reader.at, history).resume.number);
  }
  const int64_t kept = std::min(slowest, history.head - retention_.events_min);
  return std::max(kept, history.head - retention_.events_max);
}

std::string Pruner::lag(Session& session, const History& history, const Reader& reader) const {
  const int64_t number = judge(reader.at, history).resume.number;
  const int64_t behind = history.head - number;
  if (behind <= 0) return {};
  const std::string who =
      reader.name + ": " + std::to_string(behind) + " events behind " + publisher_;
  if (behind * 2 >= retention_.events_max) {
    return who + "; past " + std::to_string(retention_.events_max) +
           " its events are pruned unread";
  }
  Result<int64_t> time_ms =
      integer(session, "SELECT time_ms FROM fc_outbox WHERE number > $1 ORDER BY number LIMIT 1",
              {number}, 0);
  const int64_t now_ms = clock_.now_ms();
  if (!time_ms || *time_ms == 0 || now_ms - *time_ms < retention_.lag_alarm_ms) return {};
  return who + "; the oldest it has not read is " + std::to_string((now_ms - *time_ms) / 1000) +
         " s old and holds the outbox";
}

}  // namespace forecourt::events
