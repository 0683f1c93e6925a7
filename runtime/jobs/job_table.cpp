#include "jobs/job_table.hpp"

#include <utility>

#include "base/utf8.hpp"
#include "events/rows.hpp"

namespace forecourt::jobs {

using events::collect;
using events::string;
using events::text;
using storage::Rows;
using storage::Session;
using storage::Value;

namespace {

constexpr size_t k_name_bytes_max = 255;
constexpr size_t k_payload_bytes_max = 256 * 1024;

constexpr const char* k_select =
    "SELECT number, next_ms, kind, key, org, due_ms, payload, attempts, state, reason FROM fc_job ";

JobRow row_of(std::span<const Value> columns) {
  JobRow row;
  row.number = columns[0].as_integer;
  row.next_ms = columns[1].as_integer;
  row.job.kind = string(columns[2]);
  row.job.key = string(columns[3]);
  row.job.org = string(columns[4]);
  row.job.due_ms = columns[5].as_integer;
  row.job.payload = string(columns[6]);
  row.job.attempts = static_cast<int>(columns[7].as_integer);
  row.job.state = string(columns[8]);
  row.job.reason = string(columns[9]);
  return row;
}

Result<std::vector<JobRow>> select(Session& session, const std::string& where,
                                   std::initializer_list<Value> parameters) {
  Result<Rows> rows = session.query(k_select + where, parameters);
  if (!rows) return std::move(rows).error();
  return collect<JobRow>(*rows, row_of);
}

Result<void> check_name(std::string_view what, std::string_view name, bool may_be_empty) {
  if (name.empty() && !may_be_empty) return invalid("job: " + std::string(what) + " is empty");
  if (name.size() > k_name_bytes_max) {
    return invalid("job: " + std::string(what) + " has " + std::to_string(name.size()) +
                   " bytes; at most " + std::to_string(k_name_bytes_max) + " are taken");
  }
  if (!is_utf8(name)) return invalid("job: " + std::string(what) + " is not UTF-8");
  return {};
}

Result<int64_t> erase_waiting(Session& session, std::string_view kind, std::string_view key) {
  return session.execute("DELETE FROM fc_job WHERE kind = $1 AND key = $2 AND state = 'waiting'",
                         {text(kind), text(key)});
}

}  // namespace

Result<void> schedule(Session& session, const Job& job) {
  Result<void> checked = check_name("kind", job.kind, false);
  if (checked) checked = check_name("key", job.key, true);
  if (checked) checked = check_name("org", job.org, true);
  if (!checked) return checked;
  // The kill marker is "job <kind> <key>".
  if (job.kind.find(' ') != std::string::npos) return invalid("job: kind holds a space");
  if (job.payload.size() > k_payload_bytes_max) {
    return invalid("job: payload has " + std::to_string(job.payload.size()) + " bytes; at most " +
                   std::to_string(k_payload_bytes_max) + " are taken");
  }
  Result<int64_t> erased = erase_waiting(session, job.kind, job.key);
  if (!erased) return std::move(erased).error();
  Result<int64_t> written = session.execute(
      "INSERT INTO fc_job(kind, key, org, due_ms, next_ms, payload, state, attempts, reason) "
      "VALUES($1, $2, $3, $4, $4, $5, 'waiting', 0, '')",
      {text(job.kind), text(job.key), text(job.org), job.due_ms, Value::of_blob(job.payload)});
  if (!written) return std::move(written).error();
  return {};
}

Result<void> cancel(Session& session, std::string_view kind, std::string_view key) {
  Result<int64_t> erased = erase_waiting(session, kind, key);
  if (!erased) return std::move(erased).error();
  if (*erased == 0) {
    return not_found("no job " + std::string(kind) + " with key \"" + std::string(key) +
                     "\" waits");
  }
  return {};
}

Result<std::vector<JobRow>> due_rows(Session& session, int64_t now_ms, int64_t horizon_ms,
                                     size_t limit) {
  return select(session,
                "WHERE state = 'waiting' AND (next_ms <= $1 OR (next_ms > $2 AND attempts > 0)) "
                "ORDER BY next_ms, number LIMIT $3",
                {now_ms, horizon_ms, static_cast<int64_t>(limit)});
}

Result<std::optional<int64_t>> next_due(Session& session) {
  Result<Rows> rows = session.query("SELECT MIN(next_ms) FROM fc_job WHERE state = 'waiting'");
  if (!rows) return std::move(rows).error();
  Result<std::span<const Value>> columns = rows->next();
  if (!columns) return std::move(columns).error();
  if (columns->empty() || (*columns)[0].is_null()) return std::optional<int64_t>();
  return std::optional<int64_t>((*columns)[0].as_integer);
}

Result<std::vector<JobRow>> troubled_rows(Session& session) {
  return select(session, "WHERE state = 'parked' OR attempts > 0 ORDER BY number", {});
}

Result<std::optional<JobRow>> find_troubled(Session& session, std::string_view kind,
                                            std::string_view key) {
  Result<std::vector<JobRow>> rows =
      select(session,
             "WHERE kind = $1 AND key = $2 AND (state = 'parked' OR attempts > 0) "
             "ORDER BY number LIMIT 1",
             {text(kind), text(key)});
  if (!rows) return std::move(rows).error();
  if (rows->empty()) return std::optional<JobRow>();
  return std::optional<JobRow>(std::move(rows->front()));
}

Result<bool> take_row(Session& session, const JobRow& row) {
  Result<int64_t> taken =
      session.execute("DELETE FROM fc_job WHERE number = $1 AND state = $2 AND attempts = $3",
                      {row.number, text(row.job.state), row.job.attempts});
  if (!taken) return std::move(taken).error();
  return *taken == 1;
}

Result<void> update_row(Session& session, const JobRow& row) {
  Result<int64_t> updated = session.execute(
      "UPDATE fc_job SET next_ms = $1, state = $2, attempts = $3, reason = $4 WHERE number = $5",
      {row.next_ms, text(row.job.state), row.job.attempts, text(row.job.reason), row.number});
  if (!updated) return std::move(updated).error();
  return {};
}

}  // namespace forecourt::jobs
