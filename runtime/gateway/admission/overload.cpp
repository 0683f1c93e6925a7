#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {

bool has_room(const Stats& stats, const Limits& limits) {
  return stats.in_flight.load(std::memory_order_relaxed) < static_cast<int64_t>(limits.in_flight);
}

/// More requests than can be worked on: the answer is fast and says when to come back.
/// Asked before the body is read, to save reading it, and again before the handler is called, to be
/// sure.
Refused check_overload(const Stats& stats, const Limits& limits) {
  if (has_room(stats, limits)) return {};
  http::Response response =
      http::problem(503, "overloaded", "too many requests are being worked on");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace forecourt::gateway
