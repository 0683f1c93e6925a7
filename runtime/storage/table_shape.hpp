#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct sqlite3;

namespace forecourt::storage {

/// One table, as what copies its rows sees it.
struct TableShape {
  struct Column {
    std::string name;
    uint32_t type = 0;  ///< of Value, what its declaration allows; Value::null: anything
    bool may_be_null = true;
    int position = 0;  ///< among the table's columns, generated ones counted
  };

  std::string name;
  /// What a row is copied as. First comes the row's number where no column stands for it.
  std::vector<Column> columns;
  std::vector<size_t> key;     ///< into `columns`: what tells the rows apart
  bool numbered = false;       ///< the key is the row's number (rowid)
  bool keeps_numbers = false;  ///< its numbers are never given twice: see sqlite_sequence

  /// "\"a\", \"b\"" of all columns, and of those of the key.
  std::string column_list() const;
  std::string key_list() const;
};

/// The tables that hold what a store is about: all but those that each host makes and fills itself
/// (applied migrations, scoped tables, the closure of the org tree).
Result<std::vector<TableShape>> read_table_shapes(sqlite3* database);

/// "name" with quotes around it.
std::string quoted_name(std::string_view name);
/// "$1, $2" from `first` on.
std::string placeholders(size_t first, size_t count);

}  // namespace forecourt::storage
