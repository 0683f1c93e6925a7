#include "events/kill_counts.hpp"

#include <utility>

#include "base/log.hpp"
#include "events/rows.hpp"

namespace forecourt::events {

using storage::Rows;
using storage::Session;

KillCounts::KillCounts(storage::Store& store, std::string_view kind, const RetryPolicy& policy)
    : store_(store), prefix_(std::string(kind) + " "), policy_(policy) {}

Result<void> KillCounts::load() {
  if (loaded_) return {};
  std::lock_guard loading(load_mutex_);
  if (loaded_) return {};
  const storage::Kill* kill = store_.last_kill();
  if (kill != nullptr && kill->marker.starts_with(prefix_)) {
    log::warn("events", "the process was killed in the middle of work",
              {{"work", kill->marker}, {"signal", std::to_string(kill->signal)}});
    Result<void> counted = store_.lane().run_now([kill](Session& session) -> Result<void> {
      Result<int64_t> written = session.execute(
          "INSERT INTO fc_attempt(work, crashes, unexplained) VALUES($1, $2, $3) ON CONFLICT(work) "
          "DO "
          "UPDATE SET crashes = crashes + excluded.crashes, unexplained = unexplained + "
          "excluded.unexplained",
          {text(kill->marker), kill->signal != 0 ? 1 : 0, kill->signal != 0 ? 0 : 1});
      if (!written) return std::move(written).error();
      return {};
    });
    if (!counted) return counted;
  }
  Result<void> done = store_.read(0, [this](Session& session) { return read(session); });
  if (done) loaded_ = true;
  return done;
}

Result<void> KillCounts::read(Session& session) {
  Result<Rows> rows = session.query("SELECT work, crashes, unexplained FROM fc_attempt");
  if (!rows) return std::move(rows).error();
  using Row = std::pair<std::string, Count>;
  Result<std::vector<Row>> all = collect<Row>(*rows, [](auto columns) {
    return Row{string(columns[0]), Count{static_cast<int>(columns[1].as_integer),
                                         static_cast<int>(columns[2].as_integer)}};
  });
  if (!all) return std::move(all).error();
  std::lock_guard lock(mutex_);
  counts_.clear();
  for (Row& row : *all) {
    if (row.first.starts_with(prefix_)) counts_.insert(std::move(row));
  }
  return {};
}

std::string KillCounts::verdict(const std::string& marker) const {
  std::lock_guard lock(mutex_);
  const auto found = counts_.find(marker);
  if (found == counts_.end()) return {};
  const Count& count = found->second;
  if (count.crashes < policy_.crashes_max && count.unexplained < policy_.unexplained_max) return {};
  return "killed the process: " + std::to_string(count.crashes) + " crashes, " +
         std::to_string(count.unexplained) + " unexplained kills";
}

int KillCounts::kills(const std::string& marker) const {
  std::lock_guard lock(mutex_);
  const auto found = counts_.find(marker);
  return found == counts_.end() ? 0 : found->second.crashes + found->second.unexplained;
}

Result<void> KillCounts::erase(Session& session, const std::string& marker) const {
  if (kills(marker) == 0) return {};
  Result<int64_t> erased =
      session.execute("DELETE FROM fc_attempt WHERE work = $1", {text(marker)});
  if (!erased) return std::move(erased).error();
  return {};
}

void KillCounts::forget(const std::string& marker) {
  std::lock_guard lock(mutex_);
  counts_.erase(marker);
}

}  // namespace forecourt::events
