#include "webhooks/delivery.hpp"

#include "events/cloud_event.hpp"
#include "events/rows.hpp"
#include "webhooks/schedule.hpp"

namespace forecourt::webhooks {

using events::string;
using events::text;
using storage::Session;

namespace {

constexpr int64_t k_prune_slice = 512;

Result<void> done(Result<int64_t> changed) {
  if (!changed) return std::move(changed).error();
  return {};
}

/// The first one waiting behind goes.
Result<void> release_next(Session& session, int64_t number, int64_t now_ms) {
  return done(
      session.execute("UPDATE delivery SET state = 'pending', due_ms = $2 WHERE number = ("
                      "SELECT MIN(other.number) FROM delivery AS settled JOIN delivery AS other "
                      "ON other.webhook = settled.webhook AND other.publisher = settled.publisher "
                      "AND other.subject = settled.subject AND other.open = 1 "
                      "WHERE settled.number = $1 AND other.state = 'behind')",
                      {number, now_ms}));
}

}  // namespace

std::vector<std::string> delivery_schema() {
  return {
      "CREATE TABLE IF NOT EXISTS delivery("
      "number INTEGER PRIMARY KEY AUTOINCREMENT, webhook TEXT NOT NULL, event TEXT NOT NULL, "
      "publisher TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, org TEXT NOT NULL, "
      "traceparent TEXT NOT NULL, body TEXT NOT NULL, open INTEGER NOT NULL, state TEXT NOT NULL, "
      "attempts INTEGER NOT NULL, due_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL, "
      "settled_ms INTEGER NOT NULL, last_status INTEGER NOT NULL, last_reason TEXT NOT NULL, "
      "UNIQUE(webhook, event)) STRICT",

      "CREATE INDEX IF NOT EXISTS delivery_subject ON delivery(webhook, publisher, subject, "
      "number) "
      "WHERE open = 1",

      "CREATE INDEX IF NOT EXISTS delivery_due ON delivery(webhook, due_ms, number) "
      "WHERE state = 'pending'",

      "CREATE INDEX IF NOT EXISTS delivery_state ON delivery(webhook, state, number)",
      "CREATE INDEX IF NOT EXISTS delivery_order ON delivery(webhook, number)",
  };
}

Result<void> add_delivery(Session& session, std::string_view webhook, const events::Event& event,
                          int64_t now_ms) {
  const std::string body = events::cloud_event_json(event);
  const std::string trace = events::traceparent_of(event);
  return done(session.execute(
      "INSERT INTO delivery(webhook, event, publisher, type, subject, org, traceparent, body, "
      "open, "
      "state, attempts, due_ms, created_ms, settled_ms, last_status, last_reason) "
      "VALUES($1, $2, $3, $4, $5, $6, $7, $8, 1, CASE WHEN EXISTS("
      "SELECT 1 FROM delivery WHERE webhook = $1 AND publisher = $3 AND subject = $5 AND open = 1) "
      "THEN 'behind' ELSE 'pending' END, 0, $9, $9, 0, 0, '') "
      "ON CONFLICT(webhook, event) DO NOTHING",
      {webhook, text(event.id), text(event.source), text(event.type), text(event.subject),
       text(event.org), text(trace), text(body), now_ms}));
}

Result<std::vector<Parcel>> due_parcels(Session& session, std::string_view webhook, int64_t now_ms,
                                        size_t limit) {
  auto rows = session.query(
      "SELECT number, event, attempts, traceparent, body FROM delivery "
      "WHERE webhook = $1 AND state = 'pending' AND (due_ms <= $2 OR due_ms > $3) "
      "ORDER BY due_ms, number LIMIT $4",
      {webhook, now_ms, now_ms + k_wait_max_ms, static_cast<int64_t>(limit)});
  if (!rows) return std::move(rows).error();
  return events::collect<Parcel>(*rows, [](auto columns) {
    return Parcel{columns[0].as_integer, string(columns[1]),
                  static_cast<int>(columns[2].as_integer), string(columns[3]), string(columns[4])};
  });
}

Result<std::optional<int64_t>> next_due(Session& session, std::string_view webhook,
                                        int64_t now_ms) {
  constexpr int64_t k_none = -1;
  auto due = events::integer(
      session,
      "SELECT MIN(due_ms) FROM delivery WHERE webhook = $1 AND state = 'pending' AND due_ms > $2",
      {webhook, now_ms}, k_none);
  if (!due) return std::move(due).error();
  if (*due == k_none) return std::optional<int64_t>();
  return std::optional<int64_t>(*due);
}

Result<void> settle(Session& session, const Settlement& settlement, int64_t now_ms) {
  if (settlement.end == Settlement::End::again) {
    return done(session.execute(
        "UPDATE delivery SET attempts = attempts + 1, due_ms = $2, last_status = $3, "
        "last_reason = $4 WHERE number = $1 AND open = 1",
        {settlement.number, settlement.due_ms, settlement.status, text(settlement.reason)}));
  }
  const bool delivered = settlement.end == Settlement::End::delivered;
  auto changed = session.execute(
      "UPDATE delivery SET state = $2, open = 0, attempts = attempts + 1, settled_ms = $3, "
      "last_status = $4, last_reason = $5 WHERE number = $1 AND open = 1",
      {settlement.number, delivered ? "delivered" : "dead", now_ms, settlement.status,
       text(settlement.reason)});
  if (!changed) return std::move(changed).error();
  if (*changed == 0) return {};  // its webhook was deleted meanwhile
  return release_next(session, settlement.number, now_ms);
}

Result<std::vector<Delivery>> list_deliveries(Session& session, const DeliveryQuery& query) {
  const std::string sql =
      std::string(
          "SELECT number, event, type, subject, org, state, attempts, due_ms, created_ms, "
          "settled_ms, last_status, last_reason FROM delivery WHERE webhook = $1 AND number < "
          "$2 ") +
      (query.state.empty() ? "AND $4 = '' " : "AND state = $4 ") + "ORDER BY number DESC LIMIT $3";
  const int64_t before = query.before > 0 ? query.before : INT64_MAX;
  auto rows = session.query(sql, {text(query.webhook), before, query.limit, text(query.state)});
  if (!rows) return std::move(rows).error();
  return events::collect<Delivery>(*rows, [](auto columns) {
    Delivery delivery;
    delivery.number = columns[0].as_integer;
    delivery.event = string(columns[1]);
    delivery.type = string(columns[2]);
    delivery.subject = string(columns[3]);
    delivery.org = string(columns[4]);
    delivery.state = string(columns[5]);
    delivery.attempts = static_cast<int>(columns[6].as_integer);
    delivery.due_ms = columns[7].as_integer;
    delivery.created_ms = columns[8].as_integer;
    delivery.settled_ms = columns[9].as_integer;
    delivery.last_status = static_cast<int>(columns[10].as_integer);
    delivery.last_reason = string(columns[11]);
    return delivery;
  });
}

Result<void> replay_delivery(Session& session, std::string_view webhook, std::string_view event,
                             int64_t now_ms) {
  auto open = events::integer(
      session, "SELECT open FROM delivery WHERE webhook = $1 AND event = $2", {webhook, event}, -1);
  if (!open) return std::move(open).error();
  if (*open < 0) return not_found("there is no delivery \"" + std::string(event) + "\"");
  if (*open == 1) return Error{Code::state, "this delivery is still under way"};
  return done(session.execute(
      "UPDATE delivery SET open = 1, attempts = 0, due_ms = $3, settled_ms = 0, "
      "state = CASE WHEN EXISTS(SELECT 1 FROM delivery AS other WHERE other.webhook = "
      "delivery.webhook AND other.publisher = delivery.publisher AND other.subject = "
      "delivery.subject AND other.open = 1) THEN 'behind' ELSE 'pending' END "
      "WHERE webhook = $1 AND event = $2",
      {webhook, event, now_ms}));
}

Result<int64_t> replay_since(Session& session, std::string_view webhook, int64_t since_ms,
                             int64_t now_ms) {
  auto reopened = session.execute(
      "UPDATE delivery SET open = 1, state = 'behind', attempts = 0, due_ms = $3, settled_ms = 0 "
      "WHERE webhook = $1 AND open = 0 AND created_ms >= $2",
      {webhook, since_ms, now_ms});
  if (!reopened) return reopened;
  // Where nothing of a subject goes yet, its first one does.
  auto started = session.execute(
      "UPDATE delivery SET state = 'pending', due_ms = $2 WHERE number IN ("
      "SELECT MIN(number) FROM delivery WHERE webhook = $1 AND open = 1 "
      "GROUP BY webhook, publisher, subject HAVING SUM(state = 'pending') = 0)",
      {webhook, now_ms});
  if (!started) return started;
  return reopened;
}

Result<bool> prune_deliveries(Session& session, const std::set<std::string>& webhooks,
                              int64_t keep) {
  auto rows = session.query("SELECT DISTINCT webhook FROM delivery");
  if (!rows) return std::move(rows).error();
  auto known = events::collect<std::string>(*rows, [](auto columns) { return string(columns[0]); });
  if (!known) return std::move(known).error();
  bool more = false;
  for (const std::string& webhook : *known) {
    if (!webhooks.contains(webhook)) {
      auto gone = session.execute(
          "DELETE FROM delivery WHERE number IN ("
          "SELECT number FROM delivery WHERE webhook = $1 ORDER BY number LIMIT $2)",
          {text(webhook), k_prune_slice});
      if (!gone) return std::move(gone).error();
      more = more || *gone == k_prune_slice;
      continue;
    }
    for (const char* state : {"delivered", "dead"}) {
      auto old = session.execute(
          "DELETE FROM delivery WHERE number IN ("
          "SELECT number FROM delivery WHERE webhook = $1 AND state = $2 AND number <= ("
          "SELECT number FROM delivery WHERE webhook = $1 AND state = $2 "
          "ORDER BY number DESC LIMIT 1 OFFSET $3) ORDER BY number LIMIT $4)",
          {text(webhook), state, keep, k_prune_slice});
      if (!old) return std::move(old).error();
      more = more || *old == k_prune_slice;
    }
  }
  return more;
}

Result<std::map<std::string, int64_t>> overfull_webhooks(Session& session, int64_t most) {
  auto rows = session.query(
      "SELECT webhook, COUNT(*) FROM delivery WHERE open = 1 GROUP BY webhook HAVING COUNT(*) > $1",
      {most});
  if (!rows) return std::move(rows).error();
  std::map<std::string, int64_t> full;
  for (;;) {
    auto columns = rows->next();
    if (!columns) return std::move(columns).error();
    if (columns->empty()) return full;
    full[string((*columns)[0])] = (*columns)[1].as_integer;
  }
}

}  // namespace forecourt::webhooks
