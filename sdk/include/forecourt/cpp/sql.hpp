#pragma once

#include <forecourt/host.h>
#include <forecourt/sql.h>
#include <forecourt/cpp/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace fc {

/// Bytes that are not text.
struct Blob {
  std::string_view bytes;
};

namespace detail {

inline fc_sql_value sql_value(std::nullopt_t) { return {}; }
inline fc_sql_value sql_value(std::nullptr_t) { return {}; }
inline fc_sql_value sql_value(std::string_view value) {
  fc_sql_value out{};
  out.type = FC_SQL_TEXT;
  out.bytes = view(value);
  return out;
}
inline fc_sql_value sql_value(Blob value) {
  fc_sql_value out = sql_value(value.bytes);
  out.type = FC_SQL_BLOB;
  return out;
}
template <class T>
requires std::is_integral_v<T> fc_sql_value sql_value(T value) {
  fc_sql_value out{};
  out.type = FC_SQL_INTEGER;
  out.integer = static_cast<int64_t>(value);
  return out;
}
inline fc_sql_value sql_value(double value) {
  fc_sql_value out{};
  out.type = FC_SQL_DOUBLE;
  out.real = value;
  return out;
}
template <class T>
fc_sql_value sql_value(const std::optional<T>& value) {
  fc_sql_value out{};
  if (value.has_value()) out = sql_value(value.value());
  return out;
}

}  // namespace detail

/// The columns of one row. Texts are views: they last until the query moves on or ends.
class Row {
 public:
  Row() = default;
  Row(const fc_sql_value* values, uint32_t count) : values_(values), count_(count) {}

  bool is_null(uint32_t column) const { return at(column).type == FC_SQL_NULL; }
  int64_t integer(uint32_t column) const {
    const fc_sql_value& value = at(column);
    if (value.type != FC_SQL_INTEGER) wrong(column, "an integer");
    return value.integer;
  }
  double real(uint32_t column) const {
    const fc_sql_value& value = at(column);
    if (value.type == FC_SQL_INTEGER) return static_cast<double>(value.integer);
    if (value.type != FC_SQL_DOUBLE) wrong(column, "a number");
    return value.real;
  }
  std::string_view text(uint32_t column) const {
    const fc_sql_value& value = at(column);
    if (value.type != FC_SQL_TEXT && value.type != FC_SQL_BLOB) wrong(column, "text");
    return fc::text(value.bytes);
  }
  std::string string(uint32_t column) const { return std::string(text(column)); }
  std::optional<int64_t> optional_integer(uint32_t column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }
  std::optional<std::string> optional_string(uint32_t column) const {
    return is_null(column) ? std::nullopt : std::optional(string(column));
  }

 private:
  const fc_sql_value& at(uint32_t column) const {
    if (column >= count_) throw Error(FC_E_INTERNAL, "SQL: no column " + std::to_string(column));
    return values_[column];
  }
  [[noreturn]] static void wrong(uint32_t column, const char* expected) {
    throw Error(FC_E_INTERNAL, "SQL: column " + std::to_string(column) + " is not " + expected);
  }

  const fc_sql_value* values_ = nullptr;
  uint32_t count_ = 0;
};

/// A query's rows, read once from front to back: `for (fc::Row row : call.query("SELECT ...",
/// id))`.
class Rows {
 public:
  Rows(const fc_sql_1& sql, fc_handle rows) : sql_(&sql), rows_(rows) {}
  Rows(Rows&& other) noexcept : sql_(other.sql_), rows_(std::exchange(other.rows_, 0)) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows() {
    if (rows_) sql_->close(rows_);
  }

  /// The next row; nullopt when there are no more.
  std::optional<Row> next() {
    const fc_sql_value* values = nullptr;
    uint32_t count = 0;
    const fc_status status = sql_->next(rows_, &values, &count);
    check(status, "SQL: reading rows failed");
    if (status != FC_ROW) return std::nullopt;
    return Row(values, count);
  }

  struct End {};
  class Iterator {
   public:
    explicit Iterator(Rows& rows) : rows_(&rows), row_(rows.next()) {}
    Row operator*() const { return *row_; }
    Iterator& operator++() {
      row_ = rows_->next();
      return *this;
    }
    bool operator==(End) const { return !row_; }

   private:
    Rows* rows_;
    std::optional<Row> row_;
  };
  Iterator begin() { return Iterator(*this); }
  End end() { return {}; }

 private:
  const fc_sql_1* sql_;
  fc_handle rows_;
};

/// The first row of a query, which stays open as long as this lives: `if (auto row =
/// call.first(...)) row->text(0)`.
class First {
 public:
  explicit First(Rows rows) : rows_(std::move(rows)), row_(rows_.next()) {}
  explicit operator bool() const { return row_.has_value(); }
  const Row* operator->() const { return &*row_; }
  const Row& operator*() const { return *row_; }

 private:
  Rows rows_;
  std::optional<Row> row_;
};

}  // namespace fc
