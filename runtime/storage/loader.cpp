#include "storage/loader.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/durable.hpp"

namespace forecourt::storage {
namespace {

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

constexpr int64_t k_number_max = int64_t{1} << 62;

int bind(sqlite3_stmt* statement, int position, const Value& value) {
  const auto* const data =
      value.data == nullptr ? reinterpret_cast<const uint8_t*>("") : value.data;
  switch (value.type) {
    case Value::integer: return sqlite3_bind_int64(statement, position, value.as_integer);
    case Value::real: return sqlite3_bind_double(statement, position, value.as_real);
    case Value::text:
      return sqlite3_bind_text64(statement, position, reinterpret_cast<const char*>(data),
                                 value.size, SQLITE_STATIC, SQLITE_UTF8);
    case Value::blob:
      return sqlite3_bind_blob64(statement, position, data, value.size, SQLITE_STATIC);
    default: return sqlite3_bind_null(statement, position);
  }
}

bool fits(const TableShape::Column& column, const Value& value) {
  if (value.is_null()) return column.may_be_null;
  return column.type == Value::null || value.type == column.type;
}

}  // namespace

struct Loader::Database {
  std::unique_ptr<sqlite3, Close> handle;
  std::vector<Statement> puts;
  std::vector<Statement> removes;

  Error error(const std::string& what, int code) const {
    const std::string text = what + ": " + sqlite3_errmsg(handle.get());
    switch (code & 0xff) {
      case SQLITE_FULL: return {Code::read_only, text};
      case SQLITE_CONSTRAINT:
      case SQLITE_TOOBIG:
      case SQLITE_MISMATCH: return invalid(text);
      default: return internal(text);
    }
  }
  Result<void> run(const std::string& sql) const {
    const int code = sqlite3_exec(handle.get(), sql.c_str(), nullptr, nullptr, nullptr);
    return code == SQLITE_OK ? Result<void>() : Result<void>(error("loading", code));
  }
  Result<Statement> prepare(const std::string& sql) const {
    sqlite3_stmt* raw = nullptr;
    const int code =
        sqlite3_prepare_v3(handle.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK) return error(sql, code);
    return Statement(raw);
  }
  Result<void> step(const Statement& statement, const std::string& table,
                    std::span<const Value> values) const {
    int code = SQLITE_OK;
    for (size_t i = 0; i < values.size() && code == SQLITE_OK; ++i)
      code = bind(statement.get(), static_cast<int>(i) + 1, values[i]);
    if (code == SQLITE_OK) code = sqlite3_step(statement.get());
    Result<void> result;
    if (code != SQLITE_DONE) result = error("table " + table, code);
    sqlite3_reset(statement.get());
    sqlite3_clear_bindings(statement.get());
    return result;
  }
};

Loader::Loader(std::string path, std::unique_ptr<Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}

Loader::~Loader() = default;

Result<std::unique_ptr<Loader>> Loader::open(const std::string& folder) {
  const std::string path = folder + "/store.db";
  sqlite3* raw = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  auto database = std::make_unique<Database>();
  database->handle.reset(raw);
  if (code != SQLITE_OK) return internal(path + ": cannot be opened: " + sqlite3_errstr(code));
  // A store makes its file as the process's mask has it; a copy may end up anywhere.
  if (::chmod(path.c_str(), 0600) != 0) return internal(path + ": " + std::strerror(errno));
  std::unique_ptr<Loader> loader(new Loader(path, std::move(database)));
  if (auto prepared = loader->prepare(); !prepared) return prepared.error();
  return loader;
}

Result<void> Loader::prepare() {
  sqlite3* const handle = database_->handle.get();
  for (const int off : {SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_FKEY,
                        SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION})
    sqlite3_db_config(handle, off, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Nothing of it counts before it is whole and synced.
  auto done = database_->run(
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
      "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; BEGIN");
  if (!done) return done;
  auto tables = read_table_shapes(handle);
  if (!tables) return tables.error();
  tables_ = std::move(*tables);
  for (const TableShape& table : tables_) {
    if (auto emptied = database_->run("DELETE FROM " + quoted_name(table.name)); !emptied)
      return emptied;
    auto put = database_->prepare("INSERT OR REPLACE INTO " + quoted_name(table.name) + "(" +
                                  table.column_list() + ") VALUES (" +
                                  placeholders(1, table.columns.size()) + ")");
    if (!put) return put.error();
    auto remove =
        database_->prepare("DELETE FROM " + quoted_name(table.name) + " WHERE (" +
                           table.key_list() + ") = (" + placeholders(1, table.key.size()) + ")");
    if (!remove) return remove.error();
    database_->puts.push_back(std::move(*put));
    database_->removes.push_back(std::move(*remove));
  }
  return {};
}

Result<void> Loader::put(size_t table, std::span<const Value> row) {
  const TableShape& shape = tables_[table];
  if (row.size() != shape.columns.size())
    return invalid("table " + shape.name + ": a row of another number of columns");
  for (size_t i = 0; i < row.size(); ++i) {
    if (fits(shape.columns[i], row[i])) continue;
    return invalid("table " + shape.name + ": column " + shape.columns[i].name +
                   ": a value of another type");
  }
  return database_->step(database_->puts[table], shape.name, row);
}

Result<void> Loader::remove(size_t table, std::span<const Value> key) {
  return database_->step(database_->removes[table], tables_[table].name, key);
}

Result<void> Loader::keep_numbers(std::string_view table, int64_t last) {
  const auto known = std::ranges::find(tables_, table, &TableShape::name);
  if (known == tables_.end() || !known->keeps_numbers || last < 0 || last > k_number_max)
    return invalid("a number of no table that keeps its numbers");
  for (const char* sql : {"UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1",
                          "INSERT INTO sqlite_sequence(name, seq) SELECT ?1, ?2 WHERE NOT EXISTS "
                          "(SELECT 1 FROM sqlite_sequence WHERE name = ?1)"}) {
    auto statement = database_->prepare(sql);
    if (!statement) return statement.error();
    const Value values[] = {table, last};
    if (auto done = database_->step(*statement, "sqlite_sequence", values); !done) return done;
  }
  return {};
}

Result<void> Loader::sync() {
  if (auto committed = database_->run("COMMIT"); !committed) return committed;
  if (auto synced = sync_file(path_); !synced) return synced;
  return database_->run("BEGIN");
}

Result<void> Loader::check_references() {
  auto statement = database_->prepare("PRAGMA foreign_key_check");
  if (!statement) return statement.error();
  const int code = sqlite3_step(statement->get());
  if (code == SQLITE_DONE) return {};
  if (code != SQLITE_ROW) return database_->error("checking foreign keys", code);
  const auto* table = reinterpret_cast<const char*>(sqlite3_column_text(statement->get(), 0));
  return invalid(std::string("table ") + (table == nullptr ? "?" : table) +
                 ": a row refers to a row that is not there");
}

Result<void> Loader::finish() {
  if (auto checked = check_references(); !checked) return checked;
  if (auto committed = database_->run("COMMIT"); !committed) return committed;
  database_.reset();
  if (auto synced = sync_file(path_); !synced) return synced;
  return sync_folder(path_.substr(0, path_.rfind('/')));
}

}  // namespace forecourt::storage
