#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "storage/value.hpp"

namespace forecourt::storage {

class Connection;
class CachedStatement;

/// A running query. Ends its statement when destroyed. One thread; must not outlive the session's
/// use.
class Rows {
 public:
  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();
  /// The next row's columns, valid until the next call; an empty span when there are no more.
  Result<std::span<const Value>> next();

 private:
  friend class Session;
  friend class Connection;
  struct State;
  explicit Rows(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What one call sees of a database: the lane's transaction or a read snapshot, never more than one
/// thread at a time. Whose SQL it runs decides the rules:
///  - `host`: the runtime's own statements, trusted;
///  - `plugin`: guarded by the authorizer and the org scope (see storage/guard.hpp).
class Session {
 public:
  enum class Who { host, plugin };

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// One statement to its end; the number of rows it inserted, updated or deleted. `parameters[0]`
  /// is $1. Errors: Code::constraint, denied (the guard), state (the transaction is gone, or a
  /// write in a snapshot), cancelled (deadline), read_only (disk or quota full), invalid (does not
  /// compile), internal.
  Result<int64_t> execute(Who who, std::string_view sql, std::span<const Value> parameters = {});
  Result<Rows> query(Who who, std::string_view sql, std::span<const Value> parameters = {});

  /// Whether `sql` would be taken, without running it.
  Result<void> check(Who who, std::string_view sql);

  /// Host statements, by far the most common use inside the runtime.
  Result<int64_t> execute(std::string_view sql, std::initializer_list<Value> parameters = {});
  Result<Rows> query(std::string_view sql, std::initializer_list<Value> parameters = {});

  /// What $fc_org is bound to; empty: statements that need it are refused. Must outlive the
  /// session's use.
  void set_org(std::string_view org);
  /// Whether plugin statements marked unscoped are allowed (the manifest's grant).
  void allow_unscoped(bool allowed);
  /// Statements running past this are interrupted (Code::cancelled). 0: none. Monotonic clock.
  void set_deadline(int64_t monotonic_ns);
  /// Open a statement for writing? False in snapshots.
  bool writable() const;
  /// True once a statement destroyed the whole transaction; all further SQL answers Code::state.
  bool transaction_lost() const;

 private:
  friend class Connection;
  friend class LaneThread;
  friend class Rows;
  explicit Session(Connection& connection, bool writable);
  Result<CachedStatement*> start(Who who, std::string_view sql, std::span<const Value> parameters,
                                 bool copy_parameters);
  Error failed(CachedStatement& statement, int code);

  Connection& connection_;
  bool writable_;
  bool unscoped_ = false;
  bool lost_ = false;
  std::string_view org_;
  int64_t deadline_ns_ = 0;
};

}  // namespace forecourt::storage
