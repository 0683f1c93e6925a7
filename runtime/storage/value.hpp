#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forecourt::storage {

/// One SQL value. The layout and type numbers are those of fc_sql_value, so rows cross the ABI
/// uncopied.
struct Value {
  enum Type : uint32_t { null = 0, integer = 1, real = 2, text = 3, blob = 4 };

  uint32_t type = null;
  uint32_t reserved = 0;
  int64_t as_integer = 0;
  double as_real = 0;
  const uint8_t* data = nullptr;
  uint64_t size = 0;

  Value() = default;
  Value(int64_t v) : type(integer), as_integer(v) {}
  Value(int v) : type(integer), as_integer(v) {}
  Value(double v) : type(real), as_real(v) {}
  Value(std::string_view v)
      : type(text), data(reinterpret_cast<const uint8_t*>(v.data())), size(v.size()) {}
  Value(const char* v) : Value(std::string_view(v)) {}
  Value(const std::string& v) : Value(std::string_view(v)) {}
  static Value of_blob(std::string_view v) {
    Value value(v);
    value.type = blob;
    return value;
  }
  bool is_null() const { return type == null; }
  /// Bytes of text or blob.
  std::string_view bytes() const { return {reinterpret_cast<const char*>(data), size}; }
};

}  // namespace forecourt::storage
