#include "plugin/audit_outbox.hpp"

#include <algorithm>

namespace forecourt::plugin {

const std::vector<std::string>& audit_outbox_schema() {
  static const std::vector<std::string> statements = {
      "CREATE TABLE IF NOT EXISTS fc_audit_outbox(number INTEGER PRIMARY KEY AUTOINCREMENT, at_ms "
      "BIGINT NOT NULL, "
      "actor TEXT NOT NULL, org TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, detail "
      "TEXT NOT NULL)"};
  return statements;
}

bool is_outbox_action(std::string_view action) {
  if (action.empty() || action.size() > 160 || action.find('.') == std::string_view::npos)
    return false;
  const bool operation = action.starts_with("operation.");
  return std::ranges::all_of(action, [operation](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' ||
           (operation && c >= 'A' && c <= 'Z');
  });
}

Result<void> record_audit(storage::Session& session, const org::AuditEntry& entry) {
  auto written = session.execute(
      "INSERT INTO fc_audit_outbox(at_ms, actor, org, action, subject, detail) VALUES($1, $2, $3, "
      "$4, $5, $6)",
      {entry.at_ms, std::string_view(entry.actor), std::string_view(entry.org),
       std::string_view(entry.action), std::string_view(entry.subject),
       std::string_view(entry.detail)});
  if (!written) return written.error();
  return {};
}

Result<std::vector<org::NumberedEntry>> read_audit_outbox(storage::Session& session, int64_t after,
                                                          int64_t limit) {
  auto rows = session.query(
      "SELECT number, at_ms, actor, org, action, subject, detail FROM fc_audit_outbox WHERE number "
      "> $1 "
      "ORDER BY number LIMIT $2",
      {after, limit});
  if (!rows) return rows.error();
  std::vector<org::NumberedEntry> entries;
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return entries;
    org::NumberedEntry numbered;
    numbered.number = (*row)[0].as_integer;
    numbered.entry = {(*row)[1].as_integer,           std::string((*row)[2].bytes()),
                      std::string((*row)[3].bytes()), std::string((*row)[4].bytes()),
                      std::string((*row)[5].bytes()), std::string((*row)[6].bytes())};
    entries.push_back(std::move(numbered));
  }
}

Result<void> prune_audit_outbox(storage::Session& session, int64_t number) {
  auto dropped = session.execute("DELETE FROM fc_audit_outbox WHERE number <= $1", {number});
  if (!dropped) return dropped.error();
  return {};
}

}  // namespace forecourt::plugin
