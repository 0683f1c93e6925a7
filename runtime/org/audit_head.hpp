#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "org/directory.hpp"
#include "storage/session.hpp"

namespace forecourt::org {

/// The newest entry of the audit chain, to be kept where who runs the host cannot change it: with
/// it, a chain that was cut off at its end or written anew no longer passes.
struct AuditHead {
  int64_t seq = 0;  ///< 0: the chain is empty
  Digest hash{};
  int64_t at_ms = 0;
};

Result<AuditHead> audit_head(storage::Session& session);

/// Walks the whole chain and sees that it goes through `head`; one with seq 0 asks for nothing.
Result<void> verify_audit_to(storage::Session& session, const AuditHead& head);

/// {"seq":7,"hash":"<hex>","at":"<RFC 3339>"}, without a newline.
std::string to_json(const AuditHead& head);
Result<AuditHead> parse_audit_head(std::string_view json);

std::string hex(const Digest& digest);
Result<Digest> digest_of_hex(std::string_view text);

}  // namespace forecourt::org
