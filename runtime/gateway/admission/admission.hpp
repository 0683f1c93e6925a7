#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "gateway/limits.hpp"
#include "gateway/request_head.hpp"
#include "gateway/route_table.hpp"
#include "http/message.hpp"
#include "org/directory.hpp"

namespace forecourt::gateway {

class TokenVerifier;

/// The credential a connection used last and the key it stands for, so that the digest is computed
/// and a token verified once for many requests. Belongs to one connection.
struct CallerCache {
  std::string authorization;
  std::shared_ptr<const org::Snapshot> snapshot;
  const org::Key* key = nullptr;
  std::shared_ptr<const org::Key> token;  ///< what `key` is when a token gave it
  uint64_t tokens_version = 0;            ///< of the verifier, when there is a token
  const char* refusal = nullptr;          ///< why a token was refused
};

/// One request on its way through the policies; each fills in what it finds out.
struct Admission {
  const RequestHead& head;
  const Route& route;
  const Limits& limits;
  Stats& stats;
  CallerCache& cache;
  std::shared_ptr<const org::Snapshot> snapshot;
  int64_t now_ms = 0;
  int64_t monotonic_ns = 0;
  TokenVerifier* tokens = nullptr;  ///< null: no tokens are taken

  const org::Key* key = nullptr;   ///< null in a public operation
  std::string_view org{};          ///< acted for; empty in a public operation
  const BodyRule* body = nullptr;  ///< of the request's body; null when there is none
  int64_t body_max = 0;
  std::string_view idempotency_key{};  ///< empty: none that counts
  std::string rate_headers[2]{};       ///< RateLimit-Policy and RateLimit, when a limit is set
};

/// A policy lets a request pass (nothing) or refuses it. One file each; pipeline.cpp has their
/// order. To add one: its file, a line here and a line there.
using Refused = std::optional<http::Response>;

/// Whether another request can be worked on.
bool has_room(const Stats& stats, const Limits& limits);
Refused check_overload(const Stats& stats, const Limits& limits);
Refused authenticate(Admission& admission);
Refused check_scope(Admission& admission);
Refused resolve_org(Admission& admission);
Refused check_availability(Admission& admission);
Refused check_body(Admission& admission);
Refused check_expectation(Admission& admission);
Refused read_idempotency_key(Admission& admission);

/// Requests per key as a generic cell rate: one number a key. On the I/O thread.
class RateLimit {
 public:
  Refused check(Admission& admission);

 private:
  void forget_idle(int64_t now_ns);
  std::unordered_map<std::string, int64_t> next_allowed_ns_;  // by key id: theoretical arrival time
};

/// The key a credential in `Authorization` stands for, or the bearer of a token as if it were one;
/// nullptr: none or no longer valid.
const org::Key* key_of(Admission& admission);

http::Response unavailable(const ServedService& service, bool with_reason);

}  // namespace forecourt::gateway
