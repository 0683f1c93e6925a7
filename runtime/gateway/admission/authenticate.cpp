#include "gateway/admission/admission.hpp"
#include "gateway/tokens/token_verifier.hpp"

namespace forecourt::gateway {
namespace {

http::Response unauthenticated(const char* detail, std::string challenge) {
  http::Response response = http::problem(401, "unauthenticated", detail);
  response.headers.emplace_back("WWW-Authenticate", std::move(challenge));
  return response;
}

/// The credential of "Bearer <credential>"; a null view when it is not one.
std::string_view bearer(std::string_view authorization) {
  if (authorization.size() < 8 || !equal_names(authorization.substr(0, 7), "Bearer ")) return {};
  const std::string_view credential = authorization.substr(7);
  const size_t first = credential.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : credential.substr(first);
}

/// The bearer of a token, when the credential may be one and speaks of an org that exists.
void take_token(Admission& admission, std::string_view credential) {
  CallerCache& cache = admission.cache;
  // A JWT has two dots, a key made here none.
  if (!admission.tokens || credential.find('.') == std::string_view::npos) return;
  cache.tokens_version = admission.tokens->version();
  TokenVerifier::Outcome outcome = admission.tokens->verify(credential, admission.now_ms);
  cache.refusal = outcome.refusal;
  if (!outcome.key) return;
  if (!admission.snapshot->find(outcome.key->org)) {
    cache.refusal = "the token is for an org that does not exist";
    return;
  }
  cache.token = std::move(outcome.key);
  cache.key = cache.token.get();
}

void look_up(Admission& admission) {
  CallerCache& cache = admission.cache;
  const std::string_view credential = bearer(admission.head.authorization);
  cache.token.reset();
  cache.refusal = nullptr;
  cache.key = credential.empty() ? nullptr : admission.snapshot->authenticate(credential);
  cache.snapshot = admission.snapshot;
  cache.authorization = admission.head.authorization;
  if (!cache.key) take_token(admission, credential);
}

}  // namespace

const org::Key* key_of(Admission& admission) {
  CallerCache& cache = admission.cache;
  const bool known = cache.key && cache.snapshot == admission.snapshot &&
                     cache.authorization == admission.head.authorization &&
                     (!cache.token || cache.tokens_version == admission.tokens->version());
  if (!known) look_up(admission);
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
  if (admission.cache.token) admission.cache.refusal = "the token has expired";
  if (const char* refusal = admission.cache.refusal) {
    return unauthenticated(
        refusal,
        std::string("Bearer error=\"invalid_token\", error_description=\"") + refusal + '"');
  }
  return unauthenticated("the API key is unknown or has expired", "Bearer error=\"invalid_token\"");
}

}  // namespace forecourt::gateway
