#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {
namespace {

http::Response unauthenticated(const char* detail, const char* challenge) {
  http::Response response = http::problem(401, "unauthenticated", detail);
  response.headers.emplace_back("WWW-Authenticate", challenge);
  return response;
}

/// The credential of "Bearer <credential>"; a null view when it is not one.
std::string_view bearer(std::string_view authorization) {
  if (authorization.size() < 8 || !equal_names(authorization.substr(0, 7), "Bearer ")) return {};
  const std::string_view credential = authorization.substr(7);
  const size_t first = credential.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : credential.substr(first);
}

}  // namespace

const org::Key* key_of(Admission& admission) {
  CallerCache& cache = admission.cache;
  const std::string_view authorization = admission.head.authorization;
  if (!cache.key || cache.snapshot != admission.snapshot || cache.authorization != authorization) {
    const std::string_view credential = bearer(authorization);
    cache.key = credential.empty() ? nullptr : admission.snapshot->authenticate(credential);
    cache.snapshot = admission.snapshot;
    cache.authorization = authorization;
  }
  const org::Key* key = cache.key;
  if (key && key->expires_at_ms != 0 && key->expires_at_ms <= admission.now_ms) return nullptr;
  return key;
}

Refused authenticate(Admission& admission) {
  if (admission.route.operation->is_public) return {};
  if (!admission.head.authorization.data()) {
    return unauthenticated("an API key is needed: Authorization: Bearer <key>", "Bearer");
  }
  admission.key = key_of(admission);
  if (admission.key) return {};
  return unauthenticated("the API key is unknown or has expired", "Bearer error=\"invalid_token\"");
}

}  // namespace forecourt::gateway
