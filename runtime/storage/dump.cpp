#include "storage/dump.hpp"

#include <deque>
#include <functional>

#include "storage/change_log.hpp"
#include "storage/packed_values.hpp"
#include "storage/snapshot.hpp"
#include "storage/store.hpp"
#include "storage/watched.hpp"

namespace forecourt::storage {
namespace {

constexpr size_t k_page_bytes = 1u << 20;
constexpr int64_t k_page_rows = 50'000;
constexpr size_t k_changes_max = 400'000;
constexpr size_t k_changes_at_once = 4'096;
constexpr int k_attempts = 5;

/// A read that the lane ended, because the log had to start over, is begun again.
Result<void> read_on(Store& store, const std::function<Result<void>(Session&)>& work) {
  Result<void> done;
  for (int i = 0; i < k_attempts; ++i) {
    done = store.read(0, work);
    if (done || done.error().code != Code::cancelled) break;
  }
  return done;
}

std::string and_equal(const TableShape& shape) {
  std::string text;
  for (size_t i = 0; i < shape.key.size(); ++i) {
    text += i == 0 ? " WHERE " : " AND ";
    text += quoted_name(shape.columns[shape.key[i]].name) + " = $" + std::to_string(i + 1);
  }
  return text;
}

class Dump final : public RowSource {
 public:
  Dump(std::shared_ptr<Store> store, Watched& watched)
      : store_(std::move(store)), watched_(watched) {}
  ~Dump() override { end(); }

  Result<void> begin(const std::vector<TableShape>& tables) override;
  Result<void> stand_still(const std::vector<TableShape>& tables) override;
  Result<void> go_on() override;
  Result<RowsPage> rows(size_t table, std::string_view after) override;
  Result<ChangesPage> changes() override;
  Result<std::string> sequences() override;
  void end() override;

 private:
  struct Selected {
    std::string first, next, one;
  };

  void prepare(const std::vector<TableShape>& tables);
  /// On the snapshot where there is one.
  Result<void> read(const std::function<Result<void>(Session&)>& work) {
    return snapshot_ ? snapshot_->read(work) : read_on(*store_, work);
  }
  static Result<std::vector<Value>> key_of(const TableShape& shape, std::string_view packed);
  Result<void> take_changes();
  Result<void> append_change(Session& session, const ChangeLog::Change& change, std::string& out);

  const std::shared_ptr<Store> store_;
  Watched& watched_;
  std::vector<TableShape> tables_;
  std::vector<Selected> sql_;
  std::shared_ptr<ChangeLog> log_;  // touched between groups only
  std::unique_ptr<Snapshot> snapshot_;
  std::deque<ChangeLog::Change> taken_;
  size_t left_ = 0;
};

void Dump::prepare(const std::vector<TableShape>& tables) {
  end();
  tables_ = tables;
  sql_.clear();
  for (const TableShape& shape : tables_) {
    const std::string from = "SELECT " + shape.column_list() + " FROM " + quoted_name(shape.name);
    const std::string keys = shape.key_list();
    const std::string order = " ORDER BY " + keys + " LIMIT " + std::to_string(k_page_rows);
    const std::string behind =
        " WHERE (" + keys + ") > (" + placeholders(1, shape.key.size()) + ")";
    sql_.push_back({from + order, from + behind + order, from + and_equal(shape)});
  }
}

Result<void> Dump::begin(const std::vector<TableShape>& tables) {
  prepare(tables);
  log_ = std::make_shared<ChangeLog>(tables_, k_changes_max);
  return watched_.watch(log_);
}

void Dump::end() {
  snapshot_.reset();
  taken_.clear();
  if (log_) static_cast<void>(watched_.watch(nullptr));
  log_.reset();
}

Result<void> Dump::stand_still(const std::vector<TableShape>& tables) {
  prepare(tables);
  auto snapshot = Snapshot::of(store_);
  if (!snapshot) return snapshot.error();
  snapshot_ = std::move(*snapshot);
  return snapshot_->stand_still();
}

Result<void> Dump::go_on() {
  if (!snapshot_) return Error{Code::state, "it does not stand still"};
  return snapshot_->go_on();
}

Result<std::vector<Value>> Dump::key_of(const TableShape& shape, std::string_view packed) {
  std::vector<Value> key(shape.key.size());
  ValueReader reader(packed);
  if (auto read = reader.next(key); !read) return read.error();
  return key;
}

Result<RowsPage> Dump::rows(size_t table, std::string_view after) {
  if (table >= tables_.size()) return not_found("no such table");
  std::vector<Value> key;
  if (!after.empty()) {
    auto read = key_of(tables_[table], after);
    if (!read) return read.error();
    key = std::move(*read);
  }
  RowsPage page;
  auto done = read([&](Session& session) -> Result<void> {
    page.rows.clear();
    const std::string& sql = after.empty() ? sql_[table].first : sql_[table].next;
    auto rows = session.query(Session::Who::host, sql, key);
    if (!rows) return rows.error();
    for (int64_t count = 0;; ++count) {
      auto row = rows->next();
      if (!row) return row.error();
      page.more = count == k_page_rows || !row->empty();
      if (row->empty()) return {};
      pack_values(page.rows, *row);
      if (page.rows.size() >= k_page_bytes) return {};
    }
  });
  if (!done) return done.error();
  return page;
}

/// What is committed: between two groups no transaction is open.
Result<void> Dump::take_changes() {
  return watched_.between_groups([this]() -> Result<void> {
    if (log_->overflowed())
      return Error{Code::limit,
                   "more rows change than a copy can follow; try when less is written"};
    std::vector<ChangeLog::Change> taken;
    log_->take(k_changes_at_once, taken);
    for (ChangeLog::Change& change : taken) taken_.push_back(std::move(change));
    left_ = log_->size();
    return {};
  });
}

Result<void> Dump::append_change(Session& session, const ChangeLog::Change& change,
                                 std::string& out) {
  auto key = key_of(tables_[change.table], change.key);
  if (!key) return key.error();
  auto rows = session.query(Session::Who::host, sql_[change.table].one, *key);
  if (!rows) return rows.error();
  auto row = rows->next();
  if (!row) return row.error();
  pack_value(out, Value(static_cast<int64_t>(change.table)));
  pack_value(out, Value(row->empty() ? 0 : 1));
  if (row->empty()) {
    out += change.key;
  } else {
    pack_values(out, *row);
  }
  return {};
}

Result<ChangesPage> Dump::changes() {
  if (!log_) return Error{Code::state, "no copy has begun"};
  if (taken_.empty()) {
    if (auto taken = take_changes(); !taken) return taken.error();
  }
  ChangesPage page;
  auto done = read([&](Session& session) -> Result<void> {
    while (!taken_.empty() && page.changes.size() < k_page_bytes) {
      if (auto told = append_change(session, taken_.front(), page.changes); !told) return told;
      taken_.pop_front();
    }
    return {};
  });
  if (!done) return done.error();
  page.left = taken_.size() + left_;
  return page;
}

Result<std::string> Dump::sequences() {
  std::string packed;
  auto done = read([&](Session& session) -> Result<void> {
    packed.clear();
    auto rows = session.query("SELECT name, seq FROM sqlite_sequence");
    if (!rows) return rows.error();
    for (;;) {
      auto row = rows->next();
      if (!row) return row.error();
      if (row->empty()) return {};
      pack_values(packed, *row);
    }
  });
  if (!done) return done.error();
  return packed;
}

}  // namespace

Result<std::unique_ptr<RowSource>> dump_store(std::shared_ptr<Store> store) {
  auto* const watched = dynamic_cast<Watched*>(store.get());
  if (watched == nullptr) return invalid("the rows of a store of this kind cannot be copied");
  return std::unique_ptr<RowSource>(std::make_unique<Dump>(std::move(store), *watched));
}

}  // namespace forecourt::storage
