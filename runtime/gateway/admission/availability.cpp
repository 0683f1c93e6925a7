#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {

http::Response unavailable(const ServedService& service, bool with_reason) {
  std::string detail = "plugin " + service.id + " is not available";
  if (with_reason && !service.unavailable.empty()) detail += ": " + service.unavailable;
  http::Response response = http::problem(503, "plugin-unavailable", detail);
  response.headers.emplace_back("Retry-After", "5");
  return response;
}

/// The reason is for those who hold a key.
Refused check_availability(Admission& admission) {
  const ServedService& service = *admission.route.service;
  if (service.handler) return {};
  return unavailable(service, admission.key != nullptr);
}

}  // namespace forecourt::gateway
