#include "org/open_calls.hpp"

#include <vector>

namespace forecourt::org {

Result<void> note_open_call(storage::Session& session, int64_t number, const AuditEntry& entry) {
  auto noted = session.execute(
      "INSERT INTO open_calls (number, at, actor, org, action, subject, detail) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7)",
      {number, entry.at_ms, std::string_view(entry.actor), std::string_view(entry.org),
       std::string_view(entry.action), std::string_view(entry.subject),
       std::string_view(entry.detail)});
  if (!noted) return noted.error();
  return {};
}

Result<void> forget_open_call(storage::Session& session, int64_t number) {
  auto forgotten = session.execute("DELETE FROM open_calls WHERE number = $1", {number});
  if (!forgotten) return forgotten.error();
  return {};
}

Result<int64_t> close_open_calls(storage::Session& session) {
  std::vector<AuditEntry> left;
  {
    auto rows = session.query(
        "SELECT at, actor, org, action, subject, detail FROM open_calls ORDER BY number");
    if (!rows) return rows.error();
    for (;;) {
      auto row = rows->next();
      if (!row) return row.error();
      if (row->empty()) break;
      const auto text = [&row](size_t i) { return std::string((*row)[i].bytes()); };
      left.push_back({(*row)[0].as_integer, text(1), text(2), text(3), text(4), text(5)});
    }
  }
  for (const AuditEntry& entry : left)
    if (auto chained = append_audit(session, entry); !chained) return chained.error();
  if (auto forgotten = session.execute("DELETE FROM open_calls", {}); !forgotten)
    return forgotten.error();
  return static_cast<int64_t>(left.size());
}

}  // namespace forecourt::org
