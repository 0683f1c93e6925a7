#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {
namespace {

constexpr size_t k_key_max = 255;

bool printable(std::string_view text, char first) {
  for (const char c : text) {
    if (c < first || c > 0x7E || c == '"' || c == '\\') return false;
  }
  return true;
}

}  // namespace

/// A quoted string (RFC 9651) or a bare token. Only writes repeat an answer; in a public operation
/// callers cannot be told apart, so nobody may store an answer for the others there.
Refused read_idempotency_key(Admission& admission) {
  const Operation& operation = *admission.route.operation;
  std::string_view key = admission.head.idempotency_key;
  if (!key.data() || operation.access != Access::write || operation.is_public) return {};
  const bool quoted = key.size() >= 2 && key.front() == '"' && key.back() == '"';
  if (quoted) key = key.substr(1, key.size() - 2);
  if (key.empty() || key.size() > k_key_max || !printable(key, quoted ? ' ' : '!')) {
    return http::problem(400, "bad-request",
                         "Idempotency-Key must be 1 to 255 printable characters");
  }
  admission.idempotency_key = key;
  return {};
}

}  // namespace forecourt::gateway
