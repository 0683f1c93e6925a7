#include "events/parking.hpp"

#include <utility>

#include "events/rows.hpp"

namespace forecourt::events {

using storage::Rows;
using storage::Session;
using storage::Value;

namespace {

constexpr const char* k_select =
    "SELECT number, id, type, source, subject, org, time_ms, trace_id, data, sequence, publisher, "
    "epoch, "
    "state, attempts, due_ms, reason FROM fc_parked ";

ParkedRow row_of(std::span<const Value> columns) {
  ParkedRow row;
  row.event = event_of(columns);
  row.sequence = columns[9].as_integer;
  row.publisher = string(columns[10]);
  row.epoch = string(columns[11]);
  row.state = string(columns[12]);
  row.attempts = static_cast<int>(columns[13].as_integer);
  row.due_ms = columns[14].as_integer;
  row.reason = string(columns[15]);
  return row;
}

Result<std::vector<ParkedRow>> select(Session& session, const std::string& where,
                                      std::initializer_list<Value> parameters) {
  Result<Rows> rows = session.query(k_select + where, parameters);
  if (!rows) return std::move(rows).error();
  return collect<ParkedRow>(*rows, row_of);
}

Result<void> done(Result<int64_t> rows) {
  if (!rows) return std::move(rows).error();
  return {};
}

}  // namespace

Result<bool> subject_waits(Session& session, std::string_view publisher, std::string_view subject) {
  Result<int64_t> found =
      integer(session, "SELECT 1 FROM fc_parked WHERE publisher = $1 AND subject = $2 LIMIT 1",
              {text(publisher), text(subject)}, 0);
  if (!found) return std::move(found).error();
  return *found == 1;
}

Result<void> set_aside(Session& session, const ParkedRow& row) {
  const Event& event = row.event;
  const std::string trace = stored_trace(event);
  return done(session.execute(
      "INSERT INTO fc_parked(publisher, epoch, number, id, type, source, subject, "
      "org, time_ms, trace_id, "
      "data, state, attempts, due_ms, reason) "
      "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
      {text(row.publisher), text(row.epoch), event.number, text(event.id), text(event.type),
       text(event.source), text(event.subject), text(event.org), event.time_ms, text(trace),
       text(event.data), text(row.state), row.attempts, row.due_ms, text(row.reason)}));
}

Result<std::vector<ParkedRow>> due_rows(Session& session, int64_t now_ms, int64_t horizon_ms,
                                        size_t limit) {
  return select(session,
                "WHERE state = 'retrying' AND (due_ms <= $1 OR due_ms > $2) "
                "ORDER BY due_ms, sequence LIMIT $3",
                {now_ms, horizon_ms, static_cast<int64_t>(limit)});
}

Result<bool> any_retrying(Session& session) {
  Result<int64_t> found =
      integer(session, "SELECT 1 FROM fc_parked WHERE state = 'retrying' LIMIT 1", {}, 0);
  if (!found) return std::move(found).error();
  return *found == 1;
}

Result<std::vector<ParkedRow>> all_rows(Session& session) {
  return select(session, "ORDER BY sequence", {});
}

Result<std::optional<ParkedRow>> find_row(Session& session, std::string_view publisher,
                                          int64_t number) {
  Result<std::vector<ParkedRow>> rows =
      select(session, "WHERE publisher = $1 AND number = $2 ORDER BY sequence LIMIT 1",
             {text(publisher), number});
  if (!rows) return std::move(rows).error();
  if (rows->empty()) return std::optional<ParkedRow>();
  return std::optional<ParkedRow>(std::move(rows->front()));
}

Result<bool> take_row(Session& session, const ParkedRow& row) {
  Result<int64_t> taken =
      session.execute("DELETE FROM fc_parked WHERE sequence = $1 AND state = $2 AND attempts = $3",
                      {row.sequence, text(row.state), row.attempts});
  if (!taken) return std::move(taken).error();
  return *taken == 1;
}

Result<void> update_row(Session& session, const ParkedRow& row) {
  return done(
      session.execute("UPDATE fc_parked SET state = $1, attempts = $2, due_ms = $3, reason = $4 "
                      "WHERE sequence = $5",
                      {text(row.state), row.attempts, row.due_ms, text(row.reason), row.sequence}));
}

Result<void> release_next(Session& session, std::string_view publisher, std::string_view subject,
                          int64_t now_ms) {
  return done(session.execute(
      "UPDATE fc_parked SET state = 'retrying', due_ms = $1 WHERE state = 'behind' AND sequence = "
      "(SELECT MIN(sequence) FROM fc_parked WHERE publisher = $2 AND subject = $3)",
      {now_ms, text(publisher), text(subject)}));
}

}  // namespace forecourt::events
