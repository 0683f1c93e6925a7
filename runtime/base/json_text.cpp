#include "base/json_text.hpp"

#include <array>
#include <cstdint>

#include "base/utf8.hpp"

namespace forecourt {
namespace {

/// What stands for itself in a JSON string: printable ASCII except the quote and the backslash.
constexpr std::array<bool, 256> k_plain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

size_t plain_run(std::string_view text) {
  size_t n = 0;
  while (n < text.size() && k_plain[static_cast<unsigned char>(text[n])]) ++n;
  return n;
}

void append_escaped(std::string& out, unsigned char c) {
  constexpr char k_hex[] = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += k_hex[c >> 4];
      out += k_hex[c & 15];
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const size_t plain = plain_run(text);
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const auto c = static_cast<unsigned char>(text.front());
    size_t used = 1;
    if (c < 0x80) {
      append_escaped(out, c);
    } else if (const size_t n = utf8_sequence_length(text); n > 0) {
      out.append(text.substr(0, n));
      used = n;
    } else {
      out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(used);
  }
  out += '"';
}

}  // namespace forecourt
