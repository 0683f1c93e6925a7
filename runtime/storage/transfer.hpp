#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "base/result.hpp"
#include "storage/dump.hpp"
#include "storage/loader.hpp"

namespace forecourt::storage {

/// Brings what a source tells into a loader: first everything while writes go on, then what
/// changed meanwhile, at last the rest when nothing is written any more. Believes the source
/// nothing.
class Transfer {
 public:
  struct Hooks {
    /// Refuses a row that no part of the host would have written.
    std::function<Result<void>(const TableShape& table, std::span<const Value> row)> rule;
    /// Asked with every page; an error ends the transfer.
    std::function<Result<void>()> go_on;
  };

  /// Both outlive it.
  Transfer(RowSource& source, Loader& loader, Hooks hooks)
      : source_(source), loader_(loader), hooks_(std::move(hooks)) {}

  /// Every row of a source that stood still.
  Result<void> snapshot();
  /// While writes go on: every row, then rounds of what changed until few are left. Code::limit
  /// when more is written than can be followed.
  Result<void> bulk();
  /// After the last write.
  Result<void> rest();

  int64_t bytes() const { return bytes_; }  ///< of rows told so far
  int64_t rows() const { return rows_; }    ///< told so far, those told again counted again

 private:
  Result<void> take_tables();
  Result<void> take_table(size_t table);
  Result<std::string> take_rows(size_t table, std::string_view packed);
  /// How many changes the source knows of beyond these.
  Result<size_t> take_changes();
  Result<void> put(size_t table, std::span<const Value> row);
  Result<void> take_sequences();

  RowSource& source_;
  Loader& loader_;
  const Hooks hooks_;
  int64_t rows_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace forecourt::storage
