#include "org/audit.hpp"

#include <cstring>

namespace forecourt::org {
namespace {

constexpr const char* k_columns =
    "SELECT seq, at, actor, org, action, subject, detail, prev_hash, hash FROM audit ";

Digest digest_column(const storage::Value& value) {
  Digest digest{};
  if (value.size == digest.size()) std::memcpy(digest.data(), value.data, digest.size());
  return digest;
}

ChainedEntry entry_of(std::span<const storage::Value> columns) {
  const auto text = [&](size_t i) { return std::string(columns[i].bytes()); };
  return {columns[0].as_integer,
          {columns[1].as_integer, text(2), text(3), text(4), text(5), text(6)},
          digest_column(columns[7]),
          digest_column(columns[8])};
}

std::string_view bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

struct Head {
  int64_t seq = 0;
  Digest hash{};
};

Result<Head> head(storage::Session& session) {
  auto rows = session.query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1");
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  if (row->empty()) return Head{};
  return Head{(*row)[0].as_integer, digest_column((*row)[1])};
}

}  // namespace

Digest chain_hash(const Digest& prev, int64_t seq, const AuditEntry& entry) {
  std::string text(bytes(prev));
  for (const std::string& field : {std::to_string(seq), std::to_string(entry.at_ms), entry.actor,
                                   entry.org, entry.action, entry.subject, entry.detail}) {
    text += std::to_string(field.size());
    text += ':';
    text += field;
  }
  return digest_of(text);
}

Result<void> append_audit(storage::Session& session, const AuditEntry& entry) {
  auto last = head(session);
  if (!last) return last.error();
  const int64_t seq = last->seq + 1;
  const Digest hash = chain_hash(last->hash, seq, entry);
  auto inserted = session.execute(
      "INSERT INTO audit (seq, at, actor, org, action, subject, detail, prev_hash, hash) "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
      {seq, entry.at_ms, std::string_view(entry.actor), std::string_view(entry.org),
       std::string_view(entry.action), std::string_view(entry.subject),
       std::string_view(entry.detail), storage::Value::of_blob(bytes(last->hash)),
       storage::Value::of_blob(bytes(hash))});
  if (!inserted) return inserted.error();
  return {};
}

Result<int64_t> plugin_audit_cursor(storage::Session& session, std::string_view plugin,
                                    std::string_view epoch) {
  auto rows = session.query("SELECT number FROM audit_sources WHERE plugin = $1 AND epoch = $2",
                            {plugin, epoch});
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  return row->empty() ? int64_t{0} : (*row)[0].as_integer;
}

Result<int64_t> append_plugin_audit(storage::Session& session, std::string_view plugin,
                                    std::string_view epoch,
                                    std::span<const NumberedEntry> entries) {
  auto cursor = plugin_audit_cursor(session, plugin, epoch);
  if (!cursor) return cursor;
  int64_t last = *cursor;
  for (const NumberedEntry& numbered : entries) {
    if (numbered.number <= last) continue;
    if (auto appended = append_audit(session, numbered.entry); !appended) return appended.error();
    last = numbered.number;
  }
  if (last == *cursor) return last;
  auto moved = session.execute(
      "INSERT INTO audit_sources (plugin, epoch, number) VALUES ($1, $2, $3) "
      "ON CONFLICT (plugin) DO UPDATE SET epoch = $2, number = $3",
      {plugin, epoch, last});
  if (!moved) return moved.error();
  return last;
}

Result<std::vector<ChainedEntry>> list_audit(storage::Session& session, int64_t before,
                                             int64_t limit) {
  const int64_t bound = before > 0 ? before : INT64_MAX;
  auto rows = session.query(std::string(k_columns) + "WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
                            {bound, limit});
  if (!rows) return rows.error();
  std::vector<ChainedEntry> entries;
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return entries;
    entries.push_back(entry_of(*row));
  }
}

Result<void> verify_audit(storage::Session& session) {
  auto rows = session.query(std::string(k_columns) + "ORDER BY seq");
  if (!rows) return rows.error();
  Head last;
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return {};
    const ChainedEntry found = entry_of(*row);
    const bool fits = found.seq == last.seq + 1 && found.prev_hash == last.hash &&
                      found.hash == chain_hash(last.hash, found.seq, found.entry);
    if (!fits) {
      return internal("audit: entry " + std::to_string(found.seq) +
                      " does not fit the one before it: the log was changed");
    }
    last = {found.seq, found.hash};
  }
}

}  // namespace forecourt::org
