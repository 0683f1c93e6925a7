#include "storage/table_shape.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "storage/sql_text.hpp"
#include "storage/value.hpp"

namespace forecourt::storage {
namespace {

using Statement = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

constexpr std::array<std::string_view, 4> k_made_by_each_host = {"fc_meta", "fc_migration",
                                                                 "fc_org", "fc_scoped"};

Result<Statement> prepare(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr);
  Statement statement(raw, sqlite3_finalize);
  if (code != SQLITE_OK)
    return internal("reading the schema: " + std::string(sqlite3_errmsg(database)));
  return statement;
}

std::string text_of(const Statement& statement, int column) {
  const unsigned char* text = sqlite3_column_text(statement.get(), column);
  return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

uint32_t type_of(std::string_view declared) {
  for (const std::string_view name : {"INT", "INTEGER", "BIGINT"}) {
    if (equal_ignoring_case(declared, name)) return Value::integer;
  }
  if (equal_ignoring_case(declared, "REAL")) return Value::real;
  if (equal_ignoring_case(declared, "TEXT")) return Value::text;
  if (equal_ignoring_case(declared, "BLOB")) return Value::blob;
  return Value::null;
}

/// A name of the row's number that no column has taken.
std::optional<std::string> row_number_name(const TableShape& shape) {
  for (const char* name : {"rowid", "_rowid_", "oid"}) {
    const bool taken = std::ranges::any_of(
        shape.columns, [&](const auto& column) { return equal_ignoring_case(column.name, name); });
    if (!taken) return name;
  }
  return {};
}

Result<void> read_columns(sqlite3* database, bool without_rowid, TableShape& shape) {
  auto rows =
      prepare(database, "SELECT name, type, \"notnull\", pk, cid, hidden FROM pragma_table_xinfo(" +
                            quoted_name(shape.name) + ")");
  if (!rows) return rows.error();
  std::vector<std::pair<int, size_t>> key;  // place in the primary key, column
  bool is_number = false;
  while (sqlite3_step(rows->get()) == SQLITE_ROW) {
    if (sqlite3_column_int(rows->get(), 5) != 0) continue;  // generated
    const std::string declared = text_of(*rows, 1);
    const int place = sqlite3_column_int(rows->get(), 3);
    if (place > 0) key.emplace_back(place, shape.columns.size());
    if (place > 0 && equal_ignoring_case(declared, "INTEGER")) is_number = true;
    shape.columns.push_back({text_of(*rows, 0), type_of(declared),
                             sqlite3_column_int(rows->get(), 2) == 0,
                             sqlite3_column_int(rows->get(), 4)});
  }
  if (without_rowid || (key.size() == 1 && is_number)) {
    std::ranges::sort(key);
    for (const auto& [place, column] : key) {
      shape.key.push_back(column);
      shape.columns[column].may_be_null = false;
    }
    shape.numbered = !without_rowid;
    return {};
  }
  const auto name = row_number_name(shape);
  if (!name)
    return invalid("table " + shape.name + ": its columns leave no name for the row's number");
  shape.columns.insert(shape.columns.begin(), {*name, Value::integer, false, -1});
  shape.key = {0};
  shape.numbered = true;
  return {};
}

}  // namespace

std::string quoted_name(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

std::string placeholders(size_t first, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    text += '$' + std::to_string(first + i);
  }
  return text;
}

std::string TableShape::column_list() const {
  std::string text;
  for (const Column& column : columns)
    text += (text.empty() ? "" : ", ") + quoted_name(column.name);
  return text;
}

std::string TableShape::key_list() const {
  std::string text;
  for (const size_t column : key)
    text += (text.empty() ? "" : ", ") + quoted_name(columns[column].name);
  return text;
}

Result<std::vector<TableShape>> read_table_shapes(sqlite3* database) {
  auto rows =
      prepare(database,
              "SELECT l.name, l.wr, s.sql LIKE '%AUTOINCREMENT%' FROM pragma_table_list AS l "
              "JOIN sqlite_schema AS s ON s.type = 'table' AND s.name = l.name "
              "WHERE l.schema = 'main' AND l.type = 'table' AND l.name NOT LIKE 'sqlite\\_%' "
              "ESCAPE '\\' ORDER BY l.name");
  if (!rows) return rows.error();
  std::vector<TableShape> shapes;
  while (sqlite3_step(rows->get()) == SQLITE_ROW) {
    TableShape shape;
    shape.name = text_of(*rows, 0);
    if (std::ranges::find(k_made_by_each_host, shape.name) != k_made_by_each_host.end()) continue;
    shape.keeps_numbers = shape.name.starts_with("fc_") && sqlite3_column_int(rows->get(), 2) != 0;
    auto read = read_columns(database, sqlite3_column_int(rows->get(), 1) != 0, shape);
    if (!read) return read.error();
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

}  // namespace forecourt::storage
