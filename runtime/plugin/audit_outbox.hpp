#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "org/audit.hpp"
#include "storage/session.hpp"

namespace forecourt::plugin {

/// What plugins record waits in fc_audit_outbox of their own store, committed with what it tells
/// about, until the host has chained it. The statements that make the table, for
/// StoreOptions::host_schema.
const std::vector<std::string>& audit_outbox_schema();

Result<void> record_audit(storage::Session& session, const org::AuditEntry& entry);
/// What an entry of the outbox may be about: "<thing>.<verb>", or "operation.<id>" as it is recorded
/// of an audited operation.
bool is_outbox_action(std::string_view action);
/// Up to `limit` entries numbered above `after`, in commit order.
Result<std::vector<org::NumberedEntry>> read_audit_outbox(storage::Session& session, int64_t after,
                                                          int64_t limit);
/// Drops the entries up to `number`: they are chained.
Result<void> prune_audit_outbox(storage::Session& session, int64_t number);

}  // namespace forecourt::plugin
