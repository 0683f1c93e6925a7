#include "base/text_format.hpp"

#include "base/rfc3339.hpp"

namespace forecourt {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool hex(char c) { return digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); }

/// A date is what makes a valid date-time.
bool is_date(std::string_view text) {
  if (text.size() != 10) return false;
  char whole[] = "0000-00-00T00:00:00Z";
  text.copy(whole, 10);
  return parse_rfc3339(whole).has_value();
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !hex(text[i])) return false;
  }
  return true;
}

/// An absolute URI of RFC 3986: a scheme, then only characters a URI may hold.
bool is_uri(std::string_view text) {
  size_t i = 0;
  while (i < text.size() && (letter(text[i]) || (i > 0 && (digit(text[i]) || text[i] == '+' ||
                                                           text[i] == '-' || text[i] == '.')))) {
    ++i;
  }
  if (i == 0 || i + 1 >= text.size() || text[i] != ':') return false;
  constexpr std::string_view k_others = "-._~:/?#[]@!$&'()*+,;=";
  for (++i; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || !hex(text[i + 1]) || !hex(text[i + 2])) return false;
      i += 2;
    } else if (!letter(c) && !digit(c) && k_others.find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool parse_text_format(std::string_view name, TextFormat& format) {
  constexpr std::pair<std::string_view, TextFormat> k_names[] = {
      {"date-time", TextFormat::date_time}, {"date", TextFormat::date},
      {"uuid", TextFormat::uuid},           {"uri", TextFormat::uri},
      {"int64", TextFormat::int64},         {"int32", TextFormat::int32}};
  for (const auto& [known, value] : k_names) {
    if (known != name) continue;
    format = value;
    return true;
  }
  return false;
}

bool has_format(std::string_view text, TextFormat format) {
  switch (format) {
    case TextFormat::date_time: return parse_rfc3339(text).has_value();
    case TextFormat::date: return is_date(text);
    case TextFormat::uuid: return is_uuid(text);
    case TextFormat::uri: return is_uri(text);
    case TextFormat::int64:
    case TextFormat::int32:
    case TextFormat::none: return true;
  }
  return true;
}

}  // namespace forecourt
