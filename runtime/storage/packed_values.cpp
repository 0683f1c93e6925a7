#include "storage/packed_values.hpp"

#include <cstring>

namespace forecourt::storage {
namespace {

constexpr size_t k_number_bytes = 8;

template <class T>
void append(std::string& out, T number) {
  static_assert(sizeof number == k_number_bytes);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class T>
T read(std::string_view bytes) {
  T number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

}  // namespace

void pack_value(std::string& out, const Value& value) {
  out += static_cast<char>(value.type);
  switch (value.type) {
    case Value::integer: return append(out, value.as_integer);
    case Value::real: return append(out, value.as_real);
    case Value::text:
    case Value::blob:
      append(out, value.size);
      out += value.bytes();
      return;
    default: return;
  }
}

void pack_values(std::string& out, std::span<const Value> values) {
  for (const Value& value : values) pack_value(out, value);
}

Result<Value> ValueReader::next() {
  const Error broken{Code::invalid, "rows that cannot be read"};
  if (rest_.empty()) return broken;
  const auto type = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  if (type == Value::null) return Value();
  if (type > Value::blob || rest_.size() < k_number_bytes) return broken;
  const std::string_view head = rest_.substr(0, k_number_bytes);
  rest_.remove_prefix(k_number_bytes);
  if (type == Value::integer) return Value(read<int64_t>(head));
  if (type == Value::real) return Value(read<double>(head));
  const auto size = read<uint64_t>(head);
  if (size > rest_.size()) return broken;
  const std::string_view bytes = rest_.substr(0, static_cast<size_t>(size));
  rest_.remove_prefix(bytes.size());
  return type == Value::text ? Value(bytes) : Value::of_blob(bytes);
}

Result<void> ValueReader::next(std::span<Value> values) {
  for (Value& value : values) {
    auto read = next();
    if (!read) return read.error();
    value = *read;
  }
  return {};
}

}  // namespace forecourt::storage
