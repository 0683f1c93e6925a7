#include "gateway/request_head.hpp"

#include <utility>

namespace forecourt::gateway {

void RequestHead::clear() {
  std::vector<Header> kept = std::move(headers);
  kept.clear();
  *this = RequestHead{};
  headers = std::move(kept);
}

void RequestHead::add(std::string_view name, std::string_view value) {
  headers.push_back({name, value});
  const std::pair<std::string_view, std::string_view*> slots[] = {
      {"host", &host},
      {"authorization", &authorization},
      {"content-type", &content_type},
      {"accept-encoding", &accept_encoding},
      {"if-none-match", &if_none_match},
      {"forecourt-org", &org},
      {"idempotency-key", &idempotency_key},
      {"traceparent", &traceparent}};
  for (const auto& [known, slot] : slots) {
    if (equal_names(name, known)) *slot = value;
  }
}

std::string_view RequestHead::find(std::string_view name) const {
  for (const Header& header : headers) {
    if (equal_names(header.name, name)) return header.value;
  }
  return {};
}

bool equal_names(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace forecourt::gateway
