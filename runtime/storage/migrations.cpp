#include "storage/migrations.hpp"

#include <openssl/evp.h>

#include <array>
#include <chrono>
#include <map>
#include <new>

#include "base/log.hpp"
#include "storage/migration_rules.hpp"
#include "storage/sql_text.hpp"
#include "storage/transaction.hpp"

namespace forecourt::storage {
namespace {

constexpr int64_t k_budget_ms = 2'000;

using Checksum = std::array<uint8_t, 32>;

Checksum checksum_of(std::string_view text) {
  Checksum sum{};
  if (EVP_Digest(text.data(), text.size(), sum.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
  return sum;
}

std::string_view bytes_of(const Checksum& sum) {
  return {reinterpret_cast<const char*>(sum.data()), sum.size()};
}

/// "0007_orders.sql" → 7; 0 when the name does not start with four digits and an underscore.
int number_of(std::string_view name) {
  if (name.size() < 6 || name[4] != '_') return 0;
  int number = 0;
  for (const char digit : name.substr(0, 4)) {
    if (digit < '0' || digit > '9') return 0;
    number = number * 10 + (digit - '0');
  }
  return number;
}

Result<void> check_names(std::span<const Migration> migrations) {
  for (size_t i = 0; i < migrations.size(); ++i) {
    const int expected = static_cast<int>(i) + 1;
    if (number_of(migrations[i].name) == expected) continue;
    char number[16];
    std::snprintf(number, sizeof number, "%04d_", expected);
    return invalid("migrations: " + migrations[i].name + ": expected a name starting with " +
                   number + " here: they are numbered from 0001 without gaps");
  }
  return {};
}

Result<std::map<int64_t, std::string>> read_applied(Connection& connection) {
  Session session = connection.session(false);
  auto rows = session.query("SELECT number, checksum FROM fc_migration");
  if (!rows) return rows.error();
  std::map<int64_t, std::string> applied;
  for (;;) {
    auto row = rows->next();
    if (!row) return row.error();
    if (row->empty()) return applied;
    applied[(*row)[0].as_integer] = (*row)[1].bytes();
  }
}

Result<void> refresh_catalog(Connection& connection) {
  connection.guard().apply(Guard::Rules::host);
  auto catalog = read_catalog(connection.handle());
  if (!catalog) return catalog.error();
  connection.set_catalog(std::move(*catalog));
  return {};
}

Result<void> run_statement(Connection& connection, const MigrationStatement& statement) {
  Guard& guard = connection.guard();
  if (!statement.changes_schema) {
    if (auto fresh = refresh_catalog(connection); !fresh) return fresh;
  }
  guard.begin_statement();
  guard.apply(statement.changes_schema ? Guard::Rules::schema : Guard::Rules::data);
  sqlite3_stmt* stmt = nullptr;
  const char* tail = nullptr;
  const std::string& sql = statement.sql;
  int code = sqlite3_prepare_v2(connection.handle(), sql.c_str(), -1, &stmt, &tail);
  while (code == SQLITE_OK || code == SQLITE_ROW) {
    if (!is_blank(tail)) {
      sqlite3_finalize(stmt);
      return invalid("SQLite sees more than one statement in: " + sql.substr(0, 120));
    }
    code = sqlite3_step(stmt);
    if (code == SQLITE_DONE) break;
  }
  Result<void> result;
  if (code != SQLITE_DONE) {
    result = guard.reason().empty()
                 ? connection.error(code, sql)
                 : Error{Code::denied, guard.reason() + ", in: " + sql.substr(0, 120)};
  }
  sqlite3_finalize(stmt);
  guard.apply(Guard::Rules::host);
  return result;
}

Result<void> apply_one(Connection& connection, const Migration& migration, int number) {
  auto statements = read_migration(migration.sql);
  if (!statements) return statements.error();
  for (const MigrationStatement& statement : *statements) {
    if (auto done = run_statement(connection, statement); !done) return done;
  }
  Session session = connection.session(true);
  for (const std::string& table : scoped_tables(migration.sql)) {
    auto added = session.execute("INSERT OR IGNORE INTO fc_scoped(name) VALUES ($1)", {table});
    if (!added) return added.error();
  }
  const Checksum sum = checksum_of(migration.sql);
  auto stamped = session.execute(
      "INSERT INTO fc_migration(number, name, checksum, applied_ms) VALUES ($1, $2, $3, $4)",
      {number, migration.name, Value::of_blob(bytes_of(sum)), connection.clock().now_ms()});
  if (!stamped) return stamped.error();
  return {};
}

Result<void> check_scoped(Connection& connection) {
  if (auto fresh = refresh_catalog(connection); !fresh) return fresh;
  for (const std::string& table : connection.catalog()->scoped) {
    if (connection.catalog()->own.contains(table)) continue;
    return invalid("\"-- org-scoped: " + table + "\" names no table of the plugin");
  }
  return {};
}

Result<void> apply_all(Connection& connection, std::span<const Migration> migrations,
                       const std::map<int64_t, std::string>& applied) {
  const auto named = [](const Migration& migration, const Error& error) {
    return Error{error.code, "migrations: " + migration.name + ": " + error.message};
  };
  for (size_t i = 0; i < migrations.size(); ++i) {
    const int number = static_cast<int>(i) + 1;
    if (applied.contains(number)) continue;
    auto done = apply_one(connection, migrations[i], number);
    if (done) done = check_scoped(connection);
    if (!done) return named(migrations[i], done.error());
  }
  return {};
}

}  // namespace

Result<void> apply_migrations(Connection& connection, std::span<const Migration> migrations,
                              int64_t time_max_ms) {
  if (auto named = check_names(migrations); !named) return named;
  auto applied = read_applied(connection);
  if (!applied) return applied.error();
  bool all_applied = true;
  for (size_t i = 0; i < migrations.size(); ++i) {
    const auto found = applied->find(static_cast<int64_t>(i) + 1);
    if (found == applied->end()) {
      all_applied = false;
    } else if (found->second != bytes_of(checksum_of(migrations[i].sql))) {
      return Error{Code::conflict,
                   "migrations: " + migrations[i].name +
                       ": its text changed after it was applied; add a new migration"};
    }
  }
  if (all_applied) return {};

  const auto started = std::chrono::steady_clock::now();
  connection.set_deadline(connection.clock().monotonic_ns() + time_max_ms * 1'000'000);
  auto result =
      in_transaction(connection, [&] { return apply_all(connection, migrations, *applied); });
  connection.set_deadline(0);
  if (auto fresh = refresh_catalog(connection); !fresh && result) return fresh;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  if (took.count() > k_budget_ms) {
    log::warn("storage",
              "migrations took longer than their budget of 2 s; move backfills into jobs",
              {{"ms", std::to_string(took.count())}, {"last", migrations.back().name}});
  }
  return result;
}

}  // namespace forecourt::storage
