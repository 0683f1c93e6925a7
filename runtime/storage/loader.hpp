#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/table_shape.hpp"
#include "storage/value.hpp"

namespace forecourt::storage {

/// Fills a database with rows that somebody else tells, who may be lying: what does not fit a
/// table's columns, types and checks is refused (Code::invalid). Nothing of it counts before
/// `finish`; a loader that failed is of no more use, and neither is the file. One thread.
class Loader {
 public:
  /// `folder` holds the store.db of a store that was made, migrated and closed. Rows that are in
  /// its tables go.
  static Result<std::unique_ptr<Loader>> open(const std::string& folder);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  const std::vector<TableShape>& tables() const { return tables_; }

  /// A row as TableShape::columns has it, in place of those with its key or its unique values. No
  /// trigger runs.
  Result<void> put(size_t table, std::span<const Value> row);
  /// The row with this key goes, if there is one.
  Result<void> remove(size_t table, std::span<const Value> key);
  /// `table` gives no number up to `last` again.
  Result<void> keep_numbers(std::string_view table, int64_t last);

  /// What came so far is on disk, so that less is left to do at the end.
  Result<void> sync();
  /// Checks that every row has the rows it refers to, closes and syncs the database.
  Result<void> finish();

 private:
  struct Database;
  Loader(std::string path, std::unique_ptr<Database> database);
  Result<void> prepare();
  Result<void> check_references();

  const std::string path_;
  std::unique_ptr<Database> database_;
  std::vector<TableShape> tables_;
};

}  // namespace forecourt::storage
