#include "storage/transaction.hpp"

namespace forecourt::storage {
namespace {
constexpr const char* k_sql[] = {"BEGIN IMMEDIATE",   "COMMIT",          "ROLLBACK",
                                 "SAVEPOINT fc_call", "RELEASE fc_call", "ROLLBACK TO fc_call"};
}

Result<std::unique_ptr<Transaction>> Transaction::open(Connection& connection) {
  std::unique_ptr<Transaction> transaction(new Transaction(connection));
  connection.guard().apply(Guard::Rules::host);
  for (size_t i = 0; i < transaction->statements_.size(); ++i) {
    const int code =
        sqlite3_prepare_v3(connection.handle(), k_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                           &transaction->statements_[i], nullptr);
    if (code != SQLITE_OK) return connection.error(code, k_sql[i]);
  }
  return transaction;
}

Transaction::~Transaction() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
}

int Transaction::run(size_t index) {
  // The host's own work: not the call's to cut short, and not under a plugin's rules when a change
  // of the schema makes SQLite compile it again.
  connection_.set_deadline(0);
  connection_.guard().apply(Guard::Rules::host);
  sqlite3_step(statements_[index]);
  return sqlite3_reset(statements_[index]);
}

}  // namespace forecourt::storage
