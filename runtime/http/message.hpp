#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace forecourt::http {

/// A request body too large to hold in memory, spooled to an unlinked file. Owned by the session.
class Blob {
 public:
  virtual ~Blob() = default;
  virtual uint64_t size() const = 0;
  /// Copies up to `capacity` bytes from `offset`; 0 at the end. Thread-safe.
  virtual Result<uint64_t> read(uint64_t offset, uint8_t* buffer, uint64_t capacity) const = 0;
};

enum class In : uint8_t { path = 1, query = 2, header = 3 };  // the values of FC_IN_*

/// One declared parameter that the request has: percent-decoded and valid against its schema.
struct Parameter {
  In in;
  std::string_view name;  ///< as the OpenAPI document spells it
  std::string_view value;
};

/// A request that passed routing, admission and validation. Views stay valid until the exchange is answered.
struct Request {
  std::string_view operation_id;
  uint32_t operation = 0;  ///< index into the Service's operations
  std::string_view method;
  std::string_view target;  ///< as received
  std::vector<Parameter> parameters;
  std::string_view
      media_type;  ///< of the body, without parameters, lower case; empty when there is no body
  std::string_view body;  ///< empty when `blob` is set
  const Blob* blob = nullptr;

  std::string_view caller;           ///< key id; "public" without a credential
  int64_t credential_ends_ms = 0;    ///< wall clock; 0: never
  std::string_view org;              ///< the org acted for; empty in a public operation
  std::string_view idempotency_key;  ///< empty when the header is absent
  std::array<uint8_t, 32>
      fingerprint{};  ///< SHA-256 of method, target and body; set with idempotency_key

  int64_t admitted_ms = 0;  ///< host clock when the head was complete: the call's time
  int64_t deadline_monotonic_ns = 0;
  std::string_view trace_id;  ///< 32 hex digits
  bool sampled = true;        ///< whether the caller records this trace (W3C Trace Context)
};

struct Response {
  int status = 500;
  std::string media_type;  ///< empty: no Content-Type
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// An RFC 9457 problem: {"type","title","status","code","detail"}; `code` is stable, for programs.
Response problem(int status, std::string_view code, std::string_view detail);
/// The standard phrase of a status code, e.g. "Conflict".
std::string_view reason_phrase(int status);

}  // namespace forecourt::http
