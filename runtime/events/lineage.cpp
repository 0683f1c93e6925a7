#include "events/lineage.hpp"

#include <algorithm>
#include <utility>

#include "events/rows.hpp"

namespace forecourt::events {

using storage::Rows;
using storage::Session;

namespace {

/// The last number that `epoch` shares with the one in force; nothing when the history does not
/// know it.
std::optional<int64_t> shared_with(const std::string& epoch, const History& history) {
  const auto own = std::ranges::find(history.epochs, epoch, &EpochStart::epoch);
  if (own == history.epochs.end()) return std::nullopt;
  int64_t shared = history.head;
  for (auto later = own + 1; later != history.epochs.end(); ++later) {
    shared = std::min(shared, later->first_number - 1);
  }
  return shared;
}

}  // namespace

Result<History> read_history(Session& session) {
  History history;
  Result<Rows> rows = session.query("SELECT epoch, first_number FROM fc_epoch ORDER BY position");
  if (!rows) return std::move(rows).error();
  Result<std::vector<EpochStart>> epochs = collect<EpochStart>(*rows, [](auto columns) {
    return EpochStart{string(columns[0]), columns[1].as_integer};
  });
  if (!epochs) return std::move(epochs).error();
  if (epochs->empty()) return internal("fc_epoch: the store has no epoch");
  history.epochs = *std::move(epochs);

  Result<int64_t> head = outbox_head(session);
  if (!head) return std::move(head).error();
  history.head = *head;
  Result<int64_t> oldest = integer(session, "SELECT MIN(number) FROM fc_outbox", {}, *head + 1);
  if (!oldest) return std::move(oldest).error();
  history.oldest = *oldest;
  return history;
}

Result<std::string> read_epoch(Session& session) {
  Result<Rows> rows = session.query("SELECT epoch FROM fc_epoch ORDER BY position DESC LIMIT 1");
  if (!rows) return std::move(rows).error();
  Result<std::span<const storage::Value>> columns = rows->next();
  if (!columns) return std::move(columns).error();
  if (columns->empty()) return internal("fc_epoch: the store has no epoch");
  return string((*columns)[0]);
}

Standing judge(const Cursor& cursor, const History& history) {
  const std::string at = "cursor " + std::to_string(cursor.number);
  const std::optional<int64_t> shared = shared_with(cursor.epoch, history);
  const int64_t own_start = history.epochs.back().first_number - 1;
  const int64_t oldest_cursor = history.oldest - 1;
  Standing standing;
  standing.resume = {history.epoch(), std::min(cursor.number, shared.value_or(own_start))};
  if (!shared && cursor.number > 0) {
    standing.trouble = at + " is of epoch " + cursor.epoch + ", which this history does not know";
  } else if (cursor.number > history.head) {
    standing.trouble = at + " is beyond the head " + std::to_string(history.head);
  } else if (shared && cursor.number > *shared) {
    standing.trouble = at + " of epoch " + cursor.epoch +
                       " is beyond the last event this history shares with it, " +
                       std::to_string(*shared);
  } else if (cursor.number < oldest_cursor) {
    standing.trouble = at + " is before the oldest event kept, " + std::to_string(history.oldest) +
                       ": those between are gone";
  }
  standing.resume.number = std::max(standing.resume.number, oldest_cursor);
  return standing;
}

}  // namespace forecourt::events
