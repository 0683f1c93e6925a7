#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "org/audit.hpp"
#include "storage/session.hpp"

namespace forecourt::org {

// Calls to be audited that the host gave to another process: on disk before they are made, gone with
// the entry that tells how they ended. Those a killed host leaves may or may not have taken effect.

/// `entry` as it would be if its outcome were never known.
Result<void> note_open_call(storage::Session& session, int64_t number, const AuditEntry& entry);
Result<void> forget_open_call(storage::Session& session, int64_t number);
/// Chains the entry of every call that is still noted and forgets them; how many there were.
Result<int64_t> close_open_calls(storage::Session& session);

}  // namespace forecourt::org
