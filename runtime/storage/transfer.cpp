#include "storage/transfer.hpp"

#include "storage/packed_values.hpp"

namespace forecourt::storage {
namespace {

/// So few that they are told while requests wait and nobody notices.
constexpr size_t k_left_max = 1'000;
/// A source that is written to faster than it is followed never has few left.
constexpr int k_rounds_max = 1'000;

}  // namespace

Result<void> Transfer::put(size_t table, std::span<const Value> row) {
  if (hooks_.rule) {
    if (auto good = hooks_.rule(loader_.tables()[table], row); !good) return good;
  }
  ++rows_;
  return loader_.put(table, row);
}

/// The key of the last row.
Result<std::string> Transfer::take_rows(size_t table, std::string_view packed) {
  const TableShape& shape = loader_.tables()[table];
  std::vector<Value> row(shape.columns.size());
  ValueReader reader(packed);
  while (!reader.empty()) {
    if (auto read = reader.next(row); !read) return read.error();
    if (auto done = put(table, row); !done) return done.error();
  }
  std::string key;
  for (const size_t column : shape.key) pack_value(key, row[column]);
  return key;
}

Result<void> Transfer::take_table(size_t table) {
  std::string after;
  for (;;) {
    if (hooks_.go_on) {
      if (auto on = hooks_.go_on(); !on) return on;
    }
    auto page = source_.rows(table, after);
    if (!page) return page.error();
    if (page->rows.empty()) return {};
    bytes_ += std::ssize(page->rows);
    auto last = take_rows(table, page->rows);
    if (!last) return last.error();
    if (!page->more) return {};
    if (*last == after) return invalid("rows that begin again and again");
    after = std::move(*last);
  }
}

Result<size_t> Transfer::take_changes() {
  if (hooks_.go_on) {
    if (auto on = hooks_.go_on(); !on) return on.error();
  }
  auto page = source_.changes();
  if (!page) return page.error();
  ValueReader reader(page->changes);
  std::vector<Value> values;
  while (!reader.empty()) {
    Value head[2];
    if (auto read = reader.next(head); !read) return read.error();
    const auto table = static_cast<size_t>(head[0].as_integer);
    if (head[0].type != Value::integer || head[1].type != Value::integer ||
        table >= loader_.tables().size())
      return invalid("a change of no table that is copied");
    const TableShape& shape = loader_.tables()[table];
    const bool is_there = head[1].as_integer != 0;
    values.resize(is_there ? shape.columns.size() : shape.key.size());
    if (auto read = reader.next(values); !read) return read.error();
    if (auto done = is_there ? put(table, values) : loader_.remove(table, values); !done)
      return done.error();
  }
  if (page->changes.empty() && page->left > 0) return invalid("changes that never come");
  return page->left;
}

Result<void> Transfer::take_tables() {
  for (size_t table = 0; table < loader_.tables().size(); ++table) {
    if (auto taken = take_table(table); !taken) return taken;
  }
  return {};
}

Result<void> Transfer::snapshot() {
  if (auto taken = take_tables(); !taken) return taken;
  return take_sequences();
}

Result<void> Transfer::bulk() {
  if (auto begun = source_.begin(loader_.tables()); !begun) return begun;
  if (auto taken = take_tables(); !taken) return taken;
  bool synced = false;
  for (int round = 0; round < k_rounds_max; ++round) {
    auto left = take_changes();
    if (!left) return left.error();
    if (*left > k_left_max) continue;
    if (synced) return {};
    // The long part of the end, before it; what changes meanwhile is a round more.
    if (auto done = loader_.sync(); !done) return done;
    synced = true;
  }
  return Error{Code::limit, "rows change faster than they are copied; try when less is written"};
}

Result<void> Transfer::rest() {
  for (;;) {
    auto left = take_changes();
    if (!left) return left.error();
    if (*left == 0) return take_sequences();
  }
}

Result<void> Transfer::take_sequences() {
  auto packed = source_.sequences();
  if (!packed) return packed.error();
  ValueReader reader(*packed);
  while (!reader.empty()) {
    Value pair[2];
    if (auto read = reader.next(pair); !read) return read.error();
    if (pair[0].type != Value::text || pair[1].type != Value::integer)
      return invalid("a table's last number that cannot be read");
    if (auto kept = loader_.keep_numbers(pair[0].bytes(), pair[1].as_integer); !kept) return kept;
  }
  return {};
}

}  // namespace forecourt::storage
