#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "org/directory.hpp"
#include "storage/session.hpp"

namespace forecourt::org {

/// Who did what to what. Never holds secrets.
struct AuditEntry {
  int64_t at_ms = 0;
  std::string actor;    ///< key id, "host", "event", "job"
  std::string org;      ///< the org acted for
  std::string action;   ///< "<thing>.<verb>": "key.create", "coupons:batch.create"
  std::string subject;  ///< an id
  std::string detail;   ///< a JSON object, or empty
};

/// An entry in its place: `hash` is SHA-256 over the hash before it and the length-prefixed fields,
/// so that an entry changed, dropped or put in between no longer fits the head somebody noted down.
struct ChainedEntry {
  int64_t seq = 0;
  AuditEntry entry;
  Digest prev_hash{};
  Digest hash{};
};

Digest chain_hash(const Digest& prev, int64_t seq, const AuditEntry& entry);

/// Appends in the transaction of what it tells about.
Result<void> append_audit(storage::Session& session, const AuditEntry& entry);

/// An entry of a plugin's outbox, numbered in its commit order.
struct NumberedEntry {
  int64_t number = 0;
  AuditEntry entry;
};
/// Chains what a plugin recorded, each number once: entries at or below the last one taken in this
/// epoch are passed over. Returns the last number taken.
Result<int64_t> append_plugin_audit(storage::Session& session, std::string_view plugin,
                                    std::string_view epoch, std::span<const NumberedEntry> entries);
/// Where to go on reading a plugin's outbox; 0 at the start of an epoch.
Result<int64_t> plugin_audit_cursor(storage::Session& session, std::string_view plugin,
                                    std::string_view epoch);

/// Up to `limit` entries before `before` (0: the newest), newest first.
Result<std::vector<ChainedEntry>> list_audit(storage::Session& session, int64_t before,
                                             int64_t limit);

/// Walks the whole chain; an error names the first entry that does not fit.
Result<void> verify_audit(storage::Session& session);

}  // namespace forecourt::org
