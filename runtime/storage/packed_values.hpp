#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "storage/value.hpp"

namespace forecourt::storage {

/// Appends values to `out`, one behind the other: a byte for the type, then 8 bytes of a number or
/// of a length and its bytes, in the byte order of the machine that both sides run on.
void pack_value(std::string& out, const Value& value);
void pack_values(std::string& out, std::span<const Value> values);

/// Reads what `pack_value` wrote, or what somebody wants taken for it.
class ValueReader {
 public:
  explicit ValueReader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  /// The next value; views are into the bytes. Code::invalid past the end or for no known type.
  Result<Value> next();
  /// As many as `values` holds.
  Result<void> next(std::span<Value> values);

 private:
  std::string_view rest_;
};

}  // namespace forecourt::storage
