#include "stream/position.hpp"

#include <algorithm>
#include <charconv>
#include <span>

#include "org/credential.hpp"

namespace forecourt::stream {
namespace {

constexpr std::string_view k_version = "1;";
constexpr size_t k_name_bytes_max = 63;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= k_name_bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

/// False for what base64url would not have written.
bool decode(std::string_view text, std::string& plain) {
  if (text.empty() || text.size() > k_token_bytes_max || text.size() % 4 == 1) return false;
  uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return false;
    bits = bits << 6 | static_cast<uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    plain += static_cast<char>(bits >> held & 0xff);
  }
  return (bits & ((1u << held) - 1)) == 0;
}

/// The text up to `end`, which is taken off with it.
bool take(std::string_view& rest, char end, std::string_view& part) {
  const size_t at = rest.find(end);
  if (at == std::string_view::npos) return false;
  part = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return true;
}

bool read_number(std::string_view text, int64_t& number) {
  const bool plain = !text.empty() && (text == "0" || text.front() != '0') && text.front() != '-';
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return plain && failure == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string to_token(const Position& position) {
  std::string text(k_version);
  for (const auto& [publisher, cursor] : position)
    text += publisher + ':' + cursor.epoch + ':' + std::to_string(cursor.number) + ';';
  return org::base64url({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

Result<Position> from_token(std::string_view token) {
  const Error wrong =
      invalid("Last-Event-ID: must be the id of an event of this stream, as it was received");
  std::string plain;
  if (!decode(token, plain)) return wrong;
  std::string_view rest = plain;
  if (!rest.starts_with(k_version)) return wrong;
  rest.remove_prefix(k_version.size());
  Position position;
  while (!rest.empty()) {
    std::string_view publisher;
    std::string_view epoch;
    std::string_view digits;
    int64_t number = 0;
    if (!take(rest, ':', publisher) || !take(rest, ':', epoch) || !take(rest, ';', digits))
      return wrong;
    if (!is_name(publisher) || !is_name(epoch) || !read_number(digits, number)) return wrong;
    // In order, so that one position is one text.
    if (!position.empty() && publisher <= position.rbegin()->first) return wrong;
    position[std::string(publisher)] = {std::string(epoch), number};
    if (position.size() > k_publishers_max) return wrong;
  }
  return position;
}

}  // namespace forecourt::stream
