#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/table_shape.hpp"

namespace forecourt::storage {

class Store;

/// Rows of one table in the order of their keys, one behind the other: the values of
/// TableShape::columns, packed.
struct RowsPage {
  std::string rows;
  bool more = false;  ///< there are rows behind these
};

/// What became of rows that were touched: for each the number of its table, 1 or 0, packed, then
/// its values as they are now, or its key when it is gone.
struct ChangesPage {
  std::string changes;
  size_t left = 0;  ///< more of them are known already
};

/// What a store holds, told row by row to whom makes a copy, while writes go on. Who has read every
/// page of every table and then the changes until none are left, with no write after that, has it
/// all; or all as it was at one moment. One thread at a time.
class RowSource {
 public:
  virtual ~RowSource() = default;

  /// From now on the source notes which rows change. Before all else; what was begun before ends.
  virtual Result<void> begin(const std::vector<TableShape>& tables) = 0;
  /// Instead: nothing is written until `go_on`, at most a few seconds, and the rows are told as
  /// they are then, for ever. There are no changes to follow.
  virtual Result<void> stand_still(const std::vector<TableShape>& tables) = 0;
  virtual Result<void> go_on() = 0;

  /// The rows of a table behind the key `after` (packed; empty: from the first).
  virtual Result<RowsPage> rows(size_t table, std::string_view after) = 0;
  /// Code::limit: more has changed than can be followed.
  virtual Result<ChangesPage> changes() = 0;
  /// Lets go of all that is kept for the copy.
  virtual void end() = 0;
  /// Name and last number given, packed, of every table that never gives one twice.
  virtual Result<std::string> sequences() = 0;
};

/// The source over a store in this process; it ends with the object, before the store does.
Result<std::unique_ptr<RowSource>> dump_store(std::shared_ptr<Store> store);

}  // namespace forecourt::storage
