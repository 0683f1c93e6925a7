#pragma once

#include <sqlite3.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/guard.hpp"
#include "storage/session.hpp"
#include "storage/statement_cache.hpp"

namespace forecourt::storage {

class ChangeLog;

struct ConnectionOptions {
  std::string path;  ///< empty: a database in memory
  std::string vfs;
  const Clock* clock = nullptr;
  bool read_only = false;  ///< for snapshots: never writes, never checkpoints
  /// With `read_only`: a file nobody writes and without a log; nothing is locked, no side files are
  /// made.
  bool immutable = false;
  int64_t pages_max = 0;
  bool synchronous_normal = false;
};

/// One SQLite connection with its statements, its guard and its deadline. Used by one thread at a
/// time; only `interrupt` is for others.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const ConnectionOptions& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  sqlite3* handle() const { return database_; }
  Session session(bool writable) { return Session(*this, writable); }

  /// A statement ready to be bound: from the cache, or prepared under the rules of `who`.
  Result<CachedStatement*> statement(Session::Who who, std::string_view sql);
  /// Gives one back after its last step.
  void release(CachedStatement* statement);

  /// Host SQL that returns nothing.
  Result<void> run(const std::string& sql);
  /// The first column of the first row of host SQL.
  Result<int64_t> read_integer(const std::string& sql);

  bool in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }
  void set_catalog(std::shared_ptr<const Catalog> catalog);
  const std::shared_ptr<const Catalog>& catalog() const { return catalog_; }
  Guard& guard() { return guard_; }
  const Clock& clock() const { return *clock_; }

  /// Statements are interrupted past this; 0: never.
  void set_deadline(int64_t monotonic_ns) { deadline_ns_ = monotonic_ns; }
  /// Ends the running statement and refuses those after it, until `accept`. Any thread.
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  void accept() { interrupted_.store(false, std::memory_order_relaxed); }
  bool interrupted() const { return interrupted_.load(std::memory_order_relaxed); }

  /// `log` is told of every row that changes from now on; null: nobody is.
  void watch(std::shared_ptr<ChangeLog> log);

  /// Ends every query that is still open: a call that is over must not hold the transaction.
  void end_rows();

  /// What SQLite answered when a statement destroyed the transaction; SQLITE_OK: none did.
  int fatal_code() const { return fatal_code_; }
  void set_fatal_code(int code) { fatal_code_ = code; }

  Error error(int code, std::string_view sql) const;

 private:
  friend class Rows;
  Connection(sqlite3* database, const Clock* clock) : database_(database), clock_(clock) {}
  Result<void> configure(const ConnectionOptions& options);
  Result<std::unique_ptr<CachedStatement>> prepare(Session::Who who, std::string_view sql);
  static int on_progress(void* self);

  sqlite3* const database_;
  const Clock* const clock_;
  Guard guard_;
  std::shared_ptr<const Catalog> catalog_;
  StatementCache cache_;
  std::shared_ptr<ChangeLog> change_log_;
  Rows::State* open_rows_ = nullptr;  ///< a list through State::next
  int64_t deadline_ns_ = 0;
  int fatal_code_ = SQLITE_OK;
  std::atomic<bool> interrupted_{false};
};

}  // namespace forecourt::storage
