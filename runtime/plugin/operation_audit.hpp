#pragma once

#include "base/result.hpp"
#include "plugin/call.hpp"

namespace forecourt::plugin {

/// Records a call of an operation marked `"audit": true`, in the transaction of what it did or, when
/// it was refused, of the group it ran in: who, for which org, on what its path names, how it was
/// answered and the request's id. Never what the body or the query says.
Result<void> audit_operation(storage::Session& session, const Call& call, int status);

}  // namespace forecourt::plugin
