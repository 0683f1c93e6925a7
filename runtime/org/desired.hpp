#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/session.hpp"

namespace forecourt::org {

/// What admins set through the API about one plugin; it wins over the manifest file at a restart,
/// until an explicit apply replaces it.
struct PluginIntent {
  std::string plugin;
  std::optional<std::string>
      manifest;                 ///< JSON; nothing: the file in the manifests folder is followed
  std::optional<bool> enabled;  ///< nothing: the manifest's
  bool removed = false;         ///< not to be run, whatever the folder holds
};

/// One org's own settings of a plugin, set through the API: replaces the manifest's for that org.
struct OrgSettings {
  std::string plugin;
  std::string org;
  std::string settings;  ///< JSON object; a value may be {"value": v, "locked": true}
};

Result<std::vector<PluginIntent>> load_intents(storage::Session& session);
Result<std::vector<OrgSettings>> load_settings(storage::Session& session);

/// An explicit apply: replaces everything set through the API before. An empty `manifest` follows
/// the file.
Result<void> apply_manifest(storage::Session& session, std::string_view plugin,
                            std::string_view manifest);
Result<void> set_enabled(storage::Session& session, std::string_view plugin, bool enabled);
Result<void> set_removed(storage::Session& session, std::string_view plugin);
Result<void> set_settings(storage::Session& session, const OrgSettings& settings);

}  // namespace forecourt::org
