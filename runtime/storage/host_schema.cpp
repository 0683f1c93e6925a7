#include "storage/host_schema.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "storage/transaction.hpp"

namespace forecourt::storage {
namespace {

constexpr int64_t k_application_id = 0x46435354;  // "FCST"
constexpr int64_t k_schema_version = 1;

constexpr const char* k_tables[] = {
    "CREATE TABLE IF NOT EXISTS fc_meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS fc_epoch(position INTEGER PRIMARY KEY, epoch TEXT NOT NULL UNIQUE,"
    " first_number INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS fc_migration(number INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " checksum BLOB NOT NULL, applied_ms INTEGER NOT NULL)",
    // Both directions are asked for: "is this org below mine" and "all orgs below mine".
    "CREATE TABLE IF NOT EXISTS fc_org(id TEXT NOT NULL, ancestor TEXT NOT NULL,"
    " PRIMARY KEY(id, ancestor)) WITHOUT ROWID",
    "CREATE UNIQUE INDEX IF NOT EXISTS fc_org_below ON fc_org(ancestor, id)",
    "CREATE TABLE IF NOT EXISTS fc_scoped(name TEXT PRIMARY KEY) WITHOUT ROWID",
    // Rows stand in the order they came, so that bodies fill pages one after another and the oldest
    // are pruned from one end; what is random about a request is 8 bytes in the index.
    "CREATE TABLE IF NOT EXISTS fc_idempotency(number INTEGER PRIMARY KEY, hash INTEGER NOT NULL,"
    " name BLOB NOT NULL, fingerprint BLOB NOT NULL, created_ms INTEGER NOT NULL,"
    " status INTEGER NOT NULL, media_type TEXT NOT NULL, body BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS fc_idempotency_hash ON fc_idempotency(hash)",
    "INSERT OR IGNORE INTO fc_meta(name, value) VALUES ('probe', 0), ('org_version', NULL)",
};

Result<std::string> random_epoch() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return internal("store: no randomness for an epoch");
  }
  constexpr char k_hex[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += k_hex[byte >> 4];
    text += k_hex[byte & 15];
  }
  return text;
}

Result<void> check_kind(Connection& connection) {
  auto id = connection.read_integer("PRAGMA application_id");
  if (!id) return id.error();
  auto version = connection.read_integer("PRAGMA user_version");
  if (!version) return version.error();
  auto tables = connection.read_integer("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*id != k_application_id && (*id != 0 || *tables > 0)) {
    return invalid("store.db is a database of something else");
  }
  if (*version > k_schema_version) {
    return invalid("store.db was written by a newer forecourt (schema " + std::to_string(*version) +
                   ", this one knows " + std::to_string(k_schema_version) + "); update the host");
  }
  return {};
}

using Pair = std::pair<std::string, std::string>;

Result<std::set<Pair>> read_orgs(Connection& connection) {
  Session session = connection.session(false);
  auto rows = session.query("SELECT id, ancestor FROM fc_org");
  if (!rows) return rows.error();
  std::set<Pair> pairs;
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return pairs;
    pairs.emplace((*row)[0].bytes(), (*row)[1].bytes());
  }
}

}  // namespace

Result<void> make_host_tables(Connection& connection, std::span<const std::string> host_schema) {
  if (auto kind = check_kind(connection); !kind) return kind;
  return in_transaction(connection, [&]() -> Result<void> {
    for (const char* sql : k_tables) {
      if (auto made = connection.run(sql); !made) return made;
    }
    for (const std::string& sql : host_schema) {
      if (auto made = connection.run(sql); !made) return made;
    }
    auto epochs = connection.read_integer("SELECT count(*) FROM fc_epoch");
    if (!epochs) return epochs.error();
    if (*epochs == 0) {
      if (auto added = add_epoch(connection, 0); !added) return added;
    }
    return connection.run("PRAGMA application_id=" + std::to_string(k_application_id) +
                          "; PRAGMA user_version=" + std::to_string(k_schema_version));
  });
}

Result<std::string> read_epoch(Connection& connection) {
  Session session = connection.session(false);
  auto rows = session.query("SELECT epoch FROM fc_epoch ORDER BY position DESC LIMIT 1");
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  if (row->empty()) return internal("store.db has no epoch");
  return std::string((*row)[0].bytes());
}

Result<void> add_epoch(Connection& connection, int64_t outbox_head) {
  auto epoch = random_epoch();
  if (!epoch) return epoch.error();
  Session session = connection.session(true);
  auto added = session.execute("INSERT INTO fc_epoch(epoch, first_number) VALUES ($1, $2)",
                               {*epoch, outbox_head + 1});
  if (!added) return added.error();
  return {};
}

Result<void> write_orgs(Connection& connection, int64_t version, std::span<const OrgPair> pairs) {
  auto present =
      connection.read_integer("SELECT value FROM fc_meta WHERE name = 'org_version' AND value = " +
                              std::to_string(version));
  if (present) return {};
  if (present.error().code != Code::not_found) return present.error();
  std::set<Pair> wanted;
  for (const OrgPair& pair : pairs) wanted.emplace(pair.id, pair.ancestor);
  return in_transaction(connection, [&]() -> Result<void> {
    auto held = read_orgs(connection);
    if (!held) return held.error();
    Session session = connection.session(true);
    const auto change = [&](const char* sql, const std::set<Pair>& all,
                            const std::set<Pair>& except) -> Result<void> {
      for (const Pair& pair : all) {
        if (except.contains(pair)) continue;
        auto changed = session.execute(sql, {pair.first, pair.second});
        if (!changed) return changed.error();
      }
      return {};
    };
    auto done = change("DELETE FROM fc_org WHERE id = $1 AND ancestor = $2", *held, wanted);
    if (done) done = change("INSERT INTO fc_org(id, ancestor) VALUES ($1, $2)", wanted, *held);
    if (!done) return done;
    auto stamped =
        session.execute("UPDATE fc_meta SET value = $1 WHERE name = 'org_version'", {version});
    return stamped ? Result<void>() : Result<void>(stamped.error());
  });
}

}  // namespace forecourt::storage
