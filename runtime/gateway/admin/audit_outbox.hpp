#pragma once

#include <string>

#include "base/result.hpp"
#include "org/host_directory.hpp"
#include "plugin/plugin_data.hpp"

namespace forecourt::admin {

/// Moves what a plugin's calls recorded and its store holds into the host's audit chain,
/// in commit order, each entry once, then deletes it from the outbox.
Result<void> chain_audit_outbox(const std::string& plugin, plugin::PluginData& data,
                                org::HostDirectory& directory);

}  // namespace forecourt::admin
