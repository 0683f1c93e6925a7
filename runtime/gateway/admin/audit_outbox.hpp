#pragma once

#include <string>

#include "base/result.hpp"
#include "org/host_directory.hpp"
#include "storage/store.hpp"

namespace forecourt::admin {

/// Moves what a plugin's calls recorded (fc_audit_outbox in its store) into the host's audit chain,
/// in commit order, each entry once, then deletes it from the outbox.
Result<void> chain_audit_outbox(const std::string& plugin, storage::Store& store,
                                org::HostDirectory& directory);

}  // namespace forecourt::admin
