#include "plugin/http_text.hpp"

#include <algorithm>

namespace forecourt::plugin {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_token_character(char c) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

}  // namespace

bool is_header_name(std::string_view name) { return name.size() <= 128 && is_token(name); }

bool is_header_value(std::string_view value) {
  if (!value.empty() && (value.front() == ' ' || value.back() == ' ')) return false;
  return std::ranges::all_of(value, [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool is_media_type(std::string_view text) {
  if (text.size() > 255 || !is_header_value(text)) return false;
  const std::string_view essence = text.substr(0, text.find(';'));
  const size_t slash = essence.find('/');
  if (slash == std::string_view::npos) return false;
  std::string_view subtype = essence.substr(slash + 1);
  while (subtype.ends_with(' ')) subtype.remove_suffix(1);
  return is_token(essence.substr(0, slash)) && is_token(subtype);
}

bool same_header(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_host_header(std::string_view name) {
  for (const std::string_view known :
       {"Connection", "Content-Encoding", "Content-Length", "Content-Type", "Date", "Keep-Alive",
        "Proxy-Authenticate", "Proxy-Connection", "Server", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade"}) {
    if (same_header(name, known)) return true;
  }
  return false;
}

}  // namespace forecourt::plugin
