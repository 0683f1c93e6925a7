#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"
#include "org/audit.hpp"
#include "plugin/call.hpp"

namespace forecourt::plugin {

/// What is recorded of a call of an audited operation; without a status its outcome is unknown.
/// `prefix` goes before the action.
org::AuditEntry operation_entry(const http::Request& request, std::string_view prefix,
                                std::string_view org, std::optional<int> status);

/// Records a call of an operation marked `"audit": true`, in the transaction of what it did or, when
/// it was refused, of the group it ran in: who, for which org, on what its path names, how it was
/// answered and the request's id. Never what the body or the query says.
Result<void> audit_operation(storage::Session& session, const Call& call, int status);

}  // namespace forecourt::plugin
