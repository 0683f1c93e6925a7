#pragma once

#include <array>
#include <memory>

#include "base/result.hpp"
#include "storage/connection.hpp"

namespace forecourt::storage {

/// The lane's transaction statements on one connection, compiled once. Every function answers
/// SQLite's code.
class Transaction {
 public:
  static Result<std::unique_ptr<Transaction>> open(Connection& connection);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  int begin() { return run(0); }
  int commit() { return run(1); }
  int roll_back() { return run(2); }
  int savepoint() { return run(3); }
  int release() { return run(4); }
  /// Undoes everything since `savepoint`, which stays open.
  int roll_back_to_savepoint() { return run(5); }

 private:
  explicit Transaction(Connection& connection) : connection_(connection) {}
  int run(size_t index);

  Connection& connection_;
  std::array<sqlite3_stmt*, 6> statements_{};
};

/// Runs `work` in a transaction of its own: committed when it succeeds, else rolled back.
template <class Work>
Result<void> in_transaction(Connection& connection, Work&& work) {
  auto begun = connection.run("BEGIN IMMEDIATE");
  if (!begun) return begun.error();
  Result<void> result = work();
  connection.end_rows();
  if (result) result = connection.run("COMMIT");
  if (connection.in_transaction()) (void)connection.run("ROLLBACK");
  return result;
}

}  // namespace forecourt::storage
