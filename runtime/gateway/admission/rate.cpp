#include <algorithm>
#include <cmath>

#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {
namespace {

constexpr size_t k_keys_max = 100'000;

std::string number(double value) { return std::to_string(static_cast<int64_t>(value)); }

}  // namespace

/// Each request moves the key's theoretical arrival time on by one interval; a key may be ahead by
/// its burst.
Refused RateLimit::check(Admission& admission) {
  const Limits& limits = admission.limits;
  if (limits.rate_per_s <= 0 || !admission.key) return {};
  const int64_t now = admission.monotonic_ns;
  const auto interval = static_cast<int64_t>(1e9 / limits.rate_per_s);
  const auto ahead_max =
      static_cast<int64_t>(static_cast<double>(interval) * std::max(limits.rate_burst, 1.0));
  if (next_allowed_ns_.size() >= k_keys_max) forget_idle(now);

  int64_t& arrival = next_allowed_ns_[admission.key->id];
  const int64_t next = std::max(arrival, now) + interval;
  const double window_s = std::ceil(static_cast<double>(ahead_max) / 1e9);
  admission.rate_headers[0] = "\"default\";q=" + number(std::max(limits.rate_burst, 1.0)) +
                              ";w=" + number(std::max(window_s, 1.0));
  const bool refused = next - now > ahead_max;
  if (!refused) arrival = next;
  const auto left = static_cast<double>((ahead_max - (arrival - now)) / interval);
  const double wait_s =
      std::ceil(static_cast<double>(std::max<int64_t>(next - now - ahead_max, 0)) / 1e9);
  admission.rate_headers[1] = "\"default\";r=" + number(std::max(left, 0.0)) +
                              ";t=" + number(refused ? std::max(wait_s, 1.0) : 0);
  if (!refused) return {};

  http::Response response =
      http::problem(429, "too-many-requests", "this API key sends requests too fast");
  response.headers.emplace_back("Retry-After", number(std::max(wait_s, 1.0)));
  response.headers.emplace_back("RateLimit-Policy", admission.rate_headers[0]);
  response.headers.emplace_back("RateLimit", admission.rate_headers[1]);
  return response;
}

/// A key whose time lies in the past has its whole burst again: forgetting it changes nothing.
void RateLimit::forget_idle(int64_t now_ns) {
  std::erase_if(next_allowed_ns_, [now_ns](const auto& entry) { return entry.second <= now_ns; });
}

}  // namespace forecourt::gateway
