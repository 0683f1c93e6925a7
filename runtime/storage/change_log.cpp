// Debian's SQLite has this hook; it also sees tables without row numbers and rows that REPLACE
// deletes, which the update hook does not.
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#include "storage/change_log.hpp"

#include <sqlite3.h>

#include "storage/packed_values.hpp"

namespace forecourt::storage {
namespace {

Value value_of(sqlite3_value* value) {
  const auto bytes = [value](const void* data) {
    return std::string_view(static_cast<const char*>(data),
                            static_cast<size_t>(sqlite3_value_bytes(value)));
  };
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER: return Value(static_cast<int64_t>(sqlite3_value_int64(value)));
    case SQLITE_FLOAT: return Value(sqlite3_value_double(value));
    case SQLITE_TEXT: return Value(bytes(sqlite3_value_text(value)));
    case SQLITE_BLOB: return Value::of_blob(bytes(sqlite3_value_blob(value)));
    default: return {};
  }
}

std::string packed_number(int64_t number) {
  std::string key;
  pack_value(key, Value(number));
  return key;
}

}  // namespace

ChangeLog::ChangeLog(std::vector<TableShape> tables, size_t rows_max)
    : tables_(std::move(tables)), rows_max_(rows_max), keys_(tables_.size()) {
  for (size_t i = 0; i < tables_.size(); ++i) by_name_.emplace(tables_[i].name, i);
}

void ChangeLog::watch(sqlite3* database) {
  sqlite3_preupdate_hook(database, &ChangeLog::on_change, this);
}

void ChangeLog::unwatch(sqlite3* database) { sqlite3_preupdate_hook(database, nullptr, nullptr); }

void ChangeLog::on_change(void* self, sqlite3* database, int operation, const char* schema,
                          const char* table, long long old_number, long long new_number) {
  ChangeLog& log = *static_cast<ChangeLog*>(self);
  if (std::string_view(schema) != "main" || log.overflowed_) return;
  const auto found = log.by_name_.find(table);
  if (found == log.by_name_.end()) return;
  const bool had = operation != SQLITE_INSERT;
  const bool has = operation != SQLITE_DELETE;
  if (log.tables_[found->second].numbered) {
    if (had) log.note(found->second, packed_number(old_number));
    if (has && (!had || new_number != old_number))
      log.note(found->second, packed_number(new_number));
    return;
  }
  if (had) log.note_key(database, found->second, true);
  if (has) log.note_key(database, found->second, false);
}

void ChangeLog::note_key(sqlite3* database, size_t table, bool former) {
  const TableShape& shape = tables_[table];
  std::string key;
  for (const size_t column : shape.key) {
    sqlite3_value* value = nullptr;
    const int position = shape.columns[column].position;
    const int code = former ? sqlite3_preupdate_old(database, position, &value)
                            : sqlite3_preupdate_new(database, position, &value);
    if (code != SQLITE_OK || value == nullptr) {
      overflowed_ = true;  // without memory: nobody knows which row it was
      return;
    }
    pack_value(key, value_of(value));
  }
  note(table, std::move(key));
}

void ChangeLog::note(size_t table, std::string key) {
  if (size_ >= rows_max_ && !keys_[table].contains(key)) {
    overflowed_ = true;
    for (auto& keys : keys_) keys.clear();
    size_ = 0;
    return;
  }
  if (keys_[table].insert(std::move(key)).second) ++size_;
}

void ChangeLog::take(size_t most, std::vector<Change>& into) {
  for (size_t table = 0; table < keys_.size() && most > 0; ++table) {
    auto& keys = keys_[table];
    while (!keys.empty() && most > 0) {
      into.push_back({table, std::move(keys.extract(keys.begin()).value())});
      --size_;
      --most;
    }
  }
}

}  // namespace forecourt::storage
