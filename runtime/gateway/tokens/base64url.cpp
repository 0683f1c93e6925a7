#include "gateway/tokens/base64url.hpp"

#include <array>
#include <cstdint>

namespace forecourt::gateway {
namespace {

constexpr std::array<int8_t, 256> make_values() {
  constexpr std::string_view k_alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<int8_t, 256> values{};
  for (int8_t& value : values) value = -1;
  for (size_t i = 0; i < k_alphabet.size(); ++i)
    values[static_cast<uint8_t>(k_alphabet[i])] = static_cast<int8_t>(i);
  return values;
}
constexpr std::array<int8_t, 256> k_values = make_values();

}  // namespace

std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  uint32_t carried = 0;
  int bits = 0;
  for (const char c : text) {
    const int8_t value = k_values[static_cast<uint8_t>(c)];
    if (value < 0) return std::nullopt;
    carried = carried << 6 | static_cast<uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(carried >> bits & 0xFF);
    carried &= (1U << bits) - 1;
  }
  if (carried != 0) return std::nullopt;
  return bytes;
}

}  // namespace forecourt::gateway
