#include "webhooks/schedule.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace forecourt::webhooks {
namespace {

/// 0 to 1023, of the id and the attempt alone.
int64_t jitter(int attempts, std::string_view id) {
  uint64_t hash = 0xcbf29ce484222325 + static_cast<uint64_t>(attempts);
  for (const char c : id) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  hash ^= hash >> 29;
  return static_cast<int64_t>(hash & 1023);
}

}  // namespace

std::optional<int64_t> wait_after(int attempts, std::string_view id, int64_t retry_after_ms) {
  if (attempts < 1 || attempts >= k_attempts_max) return std::nullopt;
  const int64_t base = k_waits_ms[static_cast<size_t>(attempts - 1)];
  const int64_t wait = base + base / 10 * jitter(attempts, id) / 1024;
  return std::min(std::max(wait, retry_after_ms), k_wait_max_ms);
}

int64_t retry_after_ms(std::string_view header, int64_t now_ms) {
  int64_t seconds = 0;
  const char* const end = header.data() + header.size();
  const auto [stop, failure] = std::from_chars(header.data(), end, seconds);
  if (failure == std::errc() && stop == end) {
    return std::clamp<int64_t>(seconds, 0, k_wait_max_ms / 1000) * 1000;
  }
  const int64_t at_s = curl_getdate(std::string(header).c_str(), nullptr);
  if (at_s < 0) return 0;
  return std::clamp<int64_t>(at_s * 1000 - now_ms, 0, k_wait_max_ms);
}

}  // namespace forecourt::webhooks
