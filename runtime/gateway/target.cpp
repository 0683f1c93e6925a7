#include "gateway/target.hpp"

#include <array>
#include <cstdint>

#include "base/utf8.hpp"

namespace forecourt::gateway {
namespace {

enum : uint8_t { k_path = 1, k_query = 2, k_hex = 4, k_host = 8 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> classes{};
  const auto add = [&](std::string_view characters, uint8_t bits) {
    for (const char c : characters) classes[static_cast<unsigned char>(c)] |= bits;
  };
  add("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~",
      k_path | k_query | k_host);
  add("!$&'()*+,;=:@/", k_path | k_query);
  add("?", k_query);
  add("0123456789abcdefABCDEF", k_hex);
  return classes;
}
constexpr std::array<uint8_t, 256> k_classes = make_classes();

bool is(char c, uint8_t what) { return (k_classes[static_cast<unsigned char>(c)] & what) != 0; }

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

/// Checks characters and escapes; `high` is set when an escape stands for a byte of a longer UTF-8
/// sequence.
const char* check_part(std::string_view text, uint8_t allowed, bool& escaped, bool& high) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      if (!is(text[i], allowed)) return "the target holds a character that must be percent-encoded";
      continue;
    }
    if (i + 2 >= text.size() || !is(text[i + 1], k_hex) || !is(text[i + 2], k_hex)) {
      return "the target holds a '%' without two hex digits";
    }
    const int byte = hex(text[i + 1]) * 16 + hex(text[i + 2]);
    if (byte == 0) return "the target holds an encoded NUL";
    if (allowed == k_path) {
      if (byte == '/' || byte == '\\') return "the path holds an encoded slash";
      if (byte < 0x20 || byte == 0x7F) return "the path holds an encoded control character";
    }
    escaped = true;
    if (byte >= 0x80) high = true;
    i += 2;
  }
  return nullptr;
}

/// "." and "..", also when their dots are encoded.
bool has_dot_segment(std::string_view path) {
  size_t i = 1;
  while (i <= path.size()) {
    size_t end = path.find('/', i);
    if (end == std::string_view::npos) end = path.size();
    size_t dots = 0;
    size_t at = i;
    while (at < end) {
      if (path[at] == '.') {
        ++at;
      } else if (end - at >= 3 && path[at] == '%' && path[at + 1] == '2' &&
                 hex(path[at + 2]) == 14) {
        at += 3;
      } else {
        break;
      }
      ++dots;
    }
    if (at == end && (dots == 1 || dots == 2)) return true;
    i = end + 1;
  }
  return false;
}

bool decodes_to_utf8(std::string_view text) {
  std::string decoded;
  append_decoded(decoded, text, false);
  return is_utf8(decoded);
}

bool starts_with_scheme(std::string_view raw, std::string_view scheme) {
  if (raw.size() < scheme.size()) return false;
  for (size_t i = 0; i < scheme.size(); ++i) {
    const char c = raw[i] >= 'A' && raw[i] <= 'Z' ? static_cast<char>(raw[i] | 0x20) : raw[i];
    if (c != scheme[i]) return false;
  }
  return true;
}

}  // namespace

const char* parse_target(std::string_view raw, Target& target) {
  target = {};
  if (raw == "*") {
    target.path = raw;
    return nullptr;
  }
  std::string_view rest = raw;
  if (rest.empty() || rest[0] != '/') {
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (starts_with_scheme(raw, scheme)) rest = raw.substr(scheme.size());
    }
    if (rest.size() == raw.size()) return "the target must start with '/'";
    const size_t end = std::min(rest.find_first_of("/?"), rest.size());
    target.authority = rest.substr(0, end);
    if (!is_authority(target.authority)) return "the target's authority is malformed";
    rest.remove_prefix(end);
    if (rest.empty()) rest = "/";
    if (rest[0] != '/') return "the target has no path";
  }
  const size_t question = rest.find('?');
  target.path = rest.substr(0, question);
  if (question != std::string_view::npos) target.query = rest.substr(question + 1);

  bool high = false;
  if (const char* why = check_part(target.path, k_path, target.escaped, high)) return why;
  if (has_dot_segment(target.path)) return "the path holds a dot segment";
  if (high && !decodes_to_utf8(target.path)) return "the path is not UTF-8";
  bool query_escaped = false;
  high = false;
  if (const char* why = check_part(target.query, k_query, query_escaped, high)) return why;
  if (high && !decodes_to_utf8(target.query)) return "the query is not UTF-8";
  return nullptr;
}

bool is_authority(std::string_view host) {
  if (host.empty() || host.size() > 261) return false;
  size_t end = 0;
  if (host[0] == '[') {
    end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    for (const char c : host.substr(1, end - 1)) {
      if (!is(c, k_hex) && c != ':' && c != '.') return false;
    }
    ++end;
  } else {
    while (end < host.size() && is(host[end], k_host)) ++end;
    if (end == 0) return false;
  }
  if (end == host.size()) return true;
  if (host[end] != ':' || host.size() - end > 6) return false;
  unsigned port = 0;
  for (const char c : host.substr(end + 1)) {
    if (c < '0' || c > '9') return false;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  return port <= 65535;
}

void append_decoded(std::string& out, std::string_view text, bool form) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += form && text[i] == '+' ? ' ' : text[i];
    }
  }
}

}  // namespace forecourt::gateway
