#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {

/// More requests than can be worked on: the answer is fast and says when to come back.
Refused check_overload(Admission& admission) {
  const int64_t in_flight = admission.stats.in_flight.load(std::memory_order_relaxed);
  if (in_flight < static_cast<int64_t>(admission.limits.in_flight)) return {};
  http::Response response =
      http::problem(503, "overloaded", "too many requests are being worked on");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace forecourt::gateway
