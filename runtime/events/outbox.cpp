#include "events/outbox.hpp"

#include <utility>

#include "base/utf8.hpp"
#include "events/rows.hpp"

namespace forecourt::events {

using storage::Rows;
using storage::Session;

namespace {

Result<void> check_text(std::string_view name, std::string_view text, size_t bytes_max,
                        bool may_be_empty) {
  if (text.empty() && !may_be_empty) return invalid("event: " + std::string(name) + " is empty");
  if (text.size() > bytes_max) {
    return invalid("event: " + std::string(name) + " has " + std::to_string(text.size()) +
                   " bytes; at most " + std::to_string(bytes_max) + " are taken");
  }
  if (!is_utf8(text)) return invalid("event: " + std::string(name) + " is not UTF-8");
  return {};
}

Result<void> check(const Event& event) {
  struct Rule {
    std::string_view name;
    const std::string& text;
    size_t bytes_max;
    bool may_be_empty;
  };
  const Rule rules[] = {
      {"id", event.id, k_attribute_bytes_max, false},
      {"type", event.type, k_attribute_bytes_max, false},
      {"source", event.source, k_attribute_bytes_max, false},
      {"subject", event.subject, k_attribute_bytes_max, true},
      {"org", event.org, k_attribute_bytes_max, true},
      {"trace_id", event.trace_id, k_attribute_bytes_max, true},
      {"data", event.data, k_data_bytes_max, true},
  };
  for (const Rule& rule : rules) {
    Result<void> checked = check_text(rule.name, rule.text, rule.bytes_max, rule.may_be_empty);
    if (!checked) return checked;
  }
  return {};
}

}  // namespace

Result<void> publish(Session& session, const Event& event) {
  Result<void> checked = check(event);
  if (!checked) return checked;
  const std::string trace = stored_trace(event);
  Result<int64_t> written = session.execute(
      "INSERT INTO fc_outbox(id, type, source, subject, org, time_ms, trace_id, data) "
      "VALUES($1, $2, $3, $4, $5, $6, $7, $8)",
      {text(event.id), text(event.type), text(event.source), text(event.subject), text(event.org),
       event.time_ms, text(trace), text(event.data)});
  if (!written) return std::move(written).error();
  return {};
}

Result<std::vector<Event>> read_outbox(Session& session, int64_t after, size_t limit) {
  Result<Rows> rows = session.query(
      "SELECT number, id, type, source, subject, org, time_ms, trace_id, data FROM fc_outbox "
      "WHERE number > $1 ORDER BY number LIMIT $2",
      {after, static_cast<int64_t>(limit)});
  if (!rows) return std::move(rows).error();
  return collect<Event>(*rows, [](auto columns) { return event_of(columns); });
}

Result<int64_t> outbox_head(Session& session) {
  return integer(session, "SELECT seq FROM sqlite_sequence WHERE name = 'fc_outbox'", {}, 0);
}

}  // namespace forecourt::events
