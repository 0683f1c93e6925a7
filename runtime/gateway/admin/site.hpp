#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/manifest.hpp"
#include "http/handler.hpp"
#include "org/desired.hpp"
#include "org/host_directory.hpp"
#include "plugin/registry.hpp"

namespace forecourt::admin {

/// The set of manifests in force: what the manifests folder says, overruled by what admins set
/// through the API. Changes go one at a time: first the registry makes them true, then they are
/// kept in the host store together with what `Keep` writes. Thread-safe; blocks, never from an I/O
/// thread.
class Site {
 public:
  /// Further writes of the transaction that keeps a change: the audit entry, the stored answer.
  using Keep = std::function<Result<void>(storage::Session& session)>;

  Site(org::HostDirectory& directory, plugin::Registry& registry, std::string manifests_folder);

  /// Brings every plugin up that should run. A plugin that does not come up, and a manifest that
  /// cannot be read, is shown as failed with the reason; it stops nothing else.
  Result<void> start();

  /// What runs and what should: sorted by id, unreadable manifests included.
  std::vector<plugin::PluginInfo> plugins() const;
  std::optional<plugin::PluginInfo> plugin(std::string_view id) const;
  /// The routes of plugins whose manifest cannot be read: 503 with the reason.
  std::vector<http::Service> unavailable_services() const;
  /// Called when those change, without a lock held. Set before `start`.
  void on_unavailable_changed(std::function<void()> changed) {
    unavailable_changed_ = std::move(changed);
  }

  /// Code::conflict when the plugin cannot run like that; the one before goes on.
  Result<void> apply(const std::string& id, std::string_view manifest_json, const Keep& keep);
  Result<void> disable(const std::string& id, const Keep& keep);
  Result<void> enable(const std::string& id, const Keep& keep);
  /// Ends a quarantine. Code::conflict when there is none, or when it does not start.
  Result<void> clear(const std::string& id, const Keep& keep);
  Result<void> remove(const std::string& id, bool delete_data, const Keep& keep);
  /// The values in force at the org afterwards.
  Result<std::string> set_config(
      const std::string& id, const std::string& org, const json::Value& values,
      const std::function<Result<void>(storage::Session&, const std::string& effective)>& keep);

  /// The tree changed: every plugin's store is told. What fails is tried again by `housekeep`.
  void tell_tree();
  /// Chains what plugins left in their audit outboxes; retries. Called every second or so.
  void housekeep();
  /// Runs `work` while no plugin comes or goes: the registry's stores stay. Not at all when one
  /// does right now.
  void look(const std::function<void()>& work);
  /// The same, but waits for the change under way.
  void hold(const std::function<void()>& work);

 private:
  struct Unreadable {
    std::string id;
    std::string path;
    std::string reason;
  };
  using Intents = std::vector<org::PluginIntent>;

  void start_one(const org::PluginIntent& intent, std::optional<config::Manifest> file,
                 const std::vector<org::OrgSettings>& settings);
  void set_unreadable(Unreadable entry);
  void forget_unreadable(const std::string& id);
  Result<void> persist(const org::HostDirectory::Work& change, const Keep& keep);
  void collect_audit(const std::string& id);

  org::HostDirectory& directory_;
  plugin::Registry& registry_;
  const std::string folder_;
  std::function<void()> unavailable_changed_;
  std::mutex changing_;    ///< held for the length of a change
  bool tree_told_ = true;  // guarded by changing_
  mutable std::mutex mutex_;
  std::vector<Unreadable> unreadable_;  // guarded by mutex_
};

/// The manifests of a folder's *.json files, in order of file name; errors by file. A plugin named
/// twice is an error of the second file.
struct FolderManifests {
  std::vector<config::Manifest> manifests;
  std::vector<Error> errors;
  std::vector<std::string> error_paths;  ///< the file of each error
};
FolderManifests read_manifests(const std::string& folder);
/// Whether the folder holds exactly this manifest: applying it means to follow the file.
bool is_in_folder(const std::string& folder, const config::Manifest& manifest);

/// `manifest` with orgs' own settings, set through the API, in place of its own.
Result<config::Manifest> with_settings(config::Manifest manifest,
                                       const std::vector<org::OrgSettings>& settings);

}  // namespace forecourt::admin
