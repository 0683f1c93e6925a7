#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "storage/table_shape.hpp"

struct sqlite3;

namespace forecourt::storage {

/// Which rows a connection touches, by their keys, so that a copy of them can follow. A row that
/// was touched and put back stands in it, too. Of the thread that uses the connection.
class ChangeLog {
 public:
  /// More than `rows_max` at a time are not kept: see overflowed().
  ChangeLog(std::vector<TableShape> tables, size_t rows_max);

  /// Watches a connection from now on. Statements compiled before may go unnoticed.
  void watch(sqlite3* database);
  static void unwatch(sqlite3* database);

  struct Change {
    size_t table = 0;
    std::string key;  ///< packed values
  };
  /// Moves up to `most` changes to the end of `into`. Not inside a transaction: what it has changed
  /// may not be there for other connections yet.
  void take(size_t most, std::vector<Change>& into);
  size_t size() const { return size_; }
  /// Rows went by that are not in it: a copy cannot follow any more.
  bool overflowed() const { return overflowed_; }

 private:
  static void on_change(void* self, sqlite3* database, int operation, const char* schema,
                        const char* table, long long old_number, long long new_number);
  void note(size_t table, std::string key);
  void note_key(sqlite3* database, size_t table, bool former);

  const std::vector<TableShape> tables_;
  const size_t rows_max_;
  std::unordered_map<std::string, size_t> by_name_;
  std::vector<std::unordered_set<std::string>> keys_;  ///< by table
  size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace forecourt::storage
