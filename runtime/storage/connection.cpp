#include "storage/connection.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>

#include "storage/change_log.hpp"
#include "storage/rows.hpp"
#include "storage/sql_text.hpp"

namespace forecourt::storage {
namespace {

/// The table of SQLite's security page, widened where ordinary statements of a plugin need it: 100
/// columns and parameters, conditions of 50 terms, bodies of 16 MiB.
constexpr struct {
  int id;
  int value;
} k_limits[] = {{SQLITE_LIMIT_LENGTH, 16 << 20},
                {SQLITE_LIMIT_SQL_LENGTH, 100'000},
                {SQLITE_LIMIT_COLUMN, 100},
                {SQLITE_LIMIT_EXPR_DEPTH, 50},
                {SQLITE_LIMIT_COMPOUND_SELECT, 10},
                {SQLITE_LIMIT_VDBE_OP, 25'000},
                {SQLITE_LIMIT_FUNCTION_ARG, 8},
                {SQLITE_LIMIT_ATTACHED, 0},
                {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
                {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
                {SQLITE_LIMIT_TRIGGER_DEPTH, 10},
                {SQLITE_LIMIT_WORKER_THREADS, 0}};

constexpr struct {
  int id;
  int on;
} k_switches[] = {{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                  {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                  {SQLITE_DBCONFIG_DQS_DDL, 0},
                  {SQLITE_DBCONFIG_DQS_DML, 0},
                  {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
                  {SQLITE_DBCONFIG_DEFENSIVE, 1}};

/// Instructions of SQLite's machine between two looks at the clock.
constexpr int k_progress_period = 1'000;

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

/// Allocation statistics cost a process-wide lock on every allocation and nobody reads them.
void configure_sqlite_once() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

std::string immutable_uri(std::string_view path) {
  constexpr char k_digits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    if (c != '%' && c != '?' && c != '#') {
      uri += c;
      continue;
    }
    uri += '%';
    uri += k_digits[static_cast<unsigned char>(c) >> 4];
    uri += k_digits[static_cast<unsigned char>(c) & 15];
  }
  return uri + "?immutable=1";
}

bool changes_rows(std::string_view sql) {
  const auto tokens = tokenize(sql);
  if (tokens.empty()) return false;
  const auto& first = tokens.front();
  return first.is("INSERT") || first.is("UPDATE") || first.is("DELETE") || first.is("REPLACE") ||
         first.is("WITH");
}

/// Fills in where $1, $2 ... and $fc_org stand. SQLite numbers named parameters by first
/// appearance.
Result<void> map_parameters(CachedStatement& statement) {
  const int count = sqlite3_bind_parameter_count(statement.stmt);
  for (int i = 1; i <= count; ++i) {
    const char* raw = sqlite3_bind_parameter_name(statement.stmt, i);
    const std::string_view name = raw != nullptr ? raw : "?";
    if (name == "$fc_org") {
      statement.org_position = i;
      continue;
    }
    size_t number = 0;
    const auto parsed = std::from_chars(name.data() + 1, name.data() + name.size(), number);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == name.data() + name.size();
    if (name[0] != '$' || !whole || number < 1 || number > 100 || name[1] == '0') {
      return invalid("sql: parameter " + std::string(name) +
                     ": parameters are $1, $2 ... and $fc_org");
    }
    if (statement.positions.size() < number) statement.positions.resize(number);
    statement.positions[number - 1] = i;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionOptions& options) {
  configure_sqlite_once();
  int access =
      options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (options.immutable) access |= SQLITE_OPEN_URI;
  const std::string name = options.path.empty() ? ":memory:"
                           : options.immutable  ? immutable_uri(options.path)
                                                : options.path;
  sqlite3* database = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &database, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (database == nullptr) return internal("opening " + options.path + ": out of memory");
  std::unique_ptr<Connection> connection(
      new Connection(database, options.clock != nullptr ? options.clock : &system_clock()));
  if (code != SQLITE_OK) return connection->error(code, "opening " + options.path);
  auto configured = connection->configure(options);
  if (!configured) return configured.error();
  return connection;
}

Connection::~Connection() {
  end_rows();
  cache_.clear();
  sqlite3_close_v2(database_);
}

Result<void> Connection::configure(const ConnectionOptions& options) {
  for (const auto& limit : k_limits) sqlite3_limit(database_, limit.id, limit.value);
  for (const auto& item : k_switches) sqlite3_db_config(database_, item.id, item.on, nullptr);
  // Whoever closes last would checkpoint: that is the lane's alone.
  if (options.read_only) sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_busy_timeout(database_, options.read_only ? 1'000 : 0);
  sqlite3_progress_handler(database_, k_progress_period, &Connection::on_progress, this);
  guard_.install(database_);

  std::string sql =
      "PRAGMA wal_autocheckpoint=0; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;";
  if (options.read_only) {
    sql += "PRAGMA query_only=ON; PRAGMA cache_size=-1024;";
  } else {
    sql += "PRAGMA journal_mode=WAL; PRAGMA secure_delete=FAST; PRAGMA cache_size=-16384;";
    sql += "PRAGMA journal_size_limit=67108864;";
    sql += options.synchronous_normal ? "PRAGMA synchronous=NORMAL;" : "PRAGMA synchronous=FULL;";
    if (options.pages_max > 0)
      sql += "PRAGMA max_page_count=" + std::to_string(options.pages_max) + ";";
  }
  return run(sql);
}

int Connection::on_progress(void* self) {
  const Connection& connection = *static_cast<Connection*>(self);
  if (connection.interrupted()) return 1;
  return connection.deadline_ns_ != 0 &&
         connection.clock_->monotonic_ns() > connection.deadline_ns_;
}

Result<void> Connection::run(const std::string& sql) {
  guard_.apply(Guard::Rules::host);
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error(code, sql);
  return {};
}

Result<int64_t> Connection::read_integer(const std::string& sql) {
  Session host = session(false);
  auto rows = host.query(sql);
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  if (row->empty()) return not_found("no row: " + sql);
  return (*row)[0].as_integer;
}

void Connection::set_catalog(std::shared_ptr<const Catalog> catalog) {
  if (catalog == catalog_) return;
  catalog_ = std::move(catalog);
  guard_.set_catalog(catalog_);
  cache_.clear();
}

void Connection::watch(std::shared_ptr<ChangeLog> log) {
  cache_.clear();  // a DELETE of all rows is compiled to one that tells nobody
  ChangeLog::unwatch(database_);
  change_log_ = std::move(log);
  if (change_log_) change_log_->watch(database_);
}

Result<CachedStatement*> Connection::statement(Session::Who who, std::string_view sql) {
  CachedStatement* found = cache_.find(who, sql);
  if (found != nullptr && !found->busy) return found;
  auto prepared = prepare(who, sql);
  if (!prepared) return prepared.error();
  // The same text twice at once: the second is the caller's alone, freed when it is released.
  if (found != nullptr) return prepared->release();
  return cache_.insert(std::move(*prepared));
}

void Connection::release(CachedStatement* statement) {
  sqlite3_reset(statement->stmt);
  statement->busy = false;
  if (!statement->cached) delete statement;
}

Result<std::unique_ptr<CachedStatement>> Connection::prepare(Session::Who who,
                                                             std::string_view sql) {
  const bool plugin = who == Session::Who::plugin;
  if (plugin) {
    std::string refused = refuse_text(sql);
    if (!refused.empty()) return Error{Code::denied, "sql: " + refused};
  }
  guard_.begin_statement();
  guard_.apply(plugin ? Guard::Rules::plugin : Guard::Rules::host);
  sqlite3_stmt* stmt = nullptr;
  const char* tail = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &stmt, &tail);
  if (code != SQLITE_OK) {
    if (!guard_.reason().empty()) return Error{Code::denied, "sql: " + guard_.reason()};
    return error(code, sql);
  }
  if (stmt == nullptr) return invalid("sql: no statement");
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> owned(stmt, sqlite3_finalize);
  auto statement = std::make_unique<CachedStatement>(stmt, who, sql);
  static_cast<void>(owned.release());  // the statement's now
  if (!is_blank(sql.substr(static_cast<size_t>(tail - sql.data())))) {
    return invalid("sql: more than one statement: " + std::string(sql.substr(0, 120)));
  }
  auto mapped = map_parameters(*statement);
  if (!mapped) return mapped.error();
  statement->read_only = sqlite3_stmt_readonly(stmt) != 0;
  statement->changes_rows = !statement->read_only && changes_rows(sql);
  statement->row.resize(static_cast<size_t>(sqlite3_column_count(stmt)));
  const std::string& scoped = guard_.touched().scoped_table;
  if (!scoped.empty() && statement->org_position == 0) {
    if (!starts_unscoped(sql)) {
      return Error{Code::denied,
                   "sql: table " + scoped +
                       " is org-scoped: the statement must use $fc_org, or start with "
                       "\"-- unscoped\" and be granted it"};
    }
    statement->unscoped_table = scoped;
  }
  return statement;
}

void Connection::end_rows() {
  while (open_rows_ != nullptr) open_rows_->detach();
}

Error Connection::error(int code, std::string_view sql) const {
  std::string message = std::string("sql: ") + sqlite3_errmsg(database_);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return {Code::constraint, std::move(message)};
    case SQLITE_INTERRUPT:
      return {Code::cancelled, "sql: interrupted: the deadline passed or the host stops"};
    case SQLITE_FULL: return {Code::read_only, "sql: the disk or the store's page quota is full"};
    case SQLITE_READONLY: return {Code::state, std::move(message)};
    case SQLITE_AUTH: return {Code::denied, std::move(message)};
    case SQLITE_TOOBIG: return {Code::limit, std::move(message)};
    case SQLITE_ERROR:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
      message += " in: ";
      message += sql.substr(0, 120);
      return {Code::invalid, std::move(message)};
    default:
      message += " (SQLite " + std::to_string(code) + ")";
      return {Code::internal, std::move(message)};
  }
}

}  // namespace forecourt::storage
