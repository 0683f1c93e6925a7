#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/worker_pool.hpp"
#include "config/manifest.hpp"
#include "events/dispatcher.hpp"
#include "http/handler.hpp"
#include "jobs/scheduler.hpp"
#include "org/directory.hpp"
#include "plugin/live.hpp"
#include "secrets/keyring.hpp"
#include "storage/copy.hpp"
#include "storage/store.hpp"

namespace forecourt::plugin {

/// What the registry works with. All of it outlives the registry, except `services`, which may be
/// null (no gateway).
struct RegistryParts {
  std::string data_folder;        ///< plugins/<id>/ and libraries/ are made below it
  bool stores_in_memory = false;  ///< the testkit: databases without a file, gone with the registry
  /// The program that probes a library: `<program> <arguments...> <library> <id> <version>`, e.g.
  /// the host's own binary and "plugin-probe". Empty: libraries are not probed (tests that trust
  /// them).
  std::vector<std::string> probe_command;
  int64_t probe_timeout_ms = 10'000;
  int64_t drain_timeout_ms = 10'000;  ///< how long an old generation may finish its calls
  secrets::Keyring secrets_keys{secrets::Key{}};  ///< the default is for tests
  const Clock* clock = nullptr;
  WorkerPool* workers = nullptr;
  http::Services* services = nullptr;
  const org::Directory* directory = nullptr;
  events::Dispatcher* dispatcher = nullptr;
  jobs::Scheduler* scheduler = nullptr;
  Isolation* isolation = nullptr;  ///< null: "isolated" is refused
  /// A plugin in process reached for what it is not granted. Called on a worker; may be null.
  std::function<void(const std::string& plugin, const std::string& what)> denied;
  /// Refuses an OpenAPI document the gateway cannot serve: (plugin id, path prefix, document).
  std::function<Result<void>(const std::string&, const std::string&, const std::string&)>
      check_openapi;
};

/// What the admin API shows of a plugin.
struct PluginInfo {
  std::string id;
  std::string version;  ///< empty when its descriptor cannot be read
  std::string state;    ///< "failed", "disabled", or as Standing has it
  std::string reason;   ///< why it is not running; after a refused upgrade of a running one, why
  std::string mode;
  std::string path;
  std::string library_sha256;
  int64_t generation = 0;  ///< counts up with each one made; 0: none yet
  int64_t process = 0;     ///< as in Standing, what follows too
  int64_t crashes = 0;
  std::string sandbox = "[]";
  std::vector<std::string> last_lines;
};

/// Why a manifest is applied.
enum class Cause {
  start,  ///< the host starts: a plugin that crashed the last host stays failed
  admin,  ///< a person asks: try, whatever happened before
};

/// The set of plugins in force. A plugin that does not load, start or migrate, or that crashed the
/// host last time, is "failed" with a reason and its routes answer 503; it never keeps the host or
/// another plugin from running. Changes are made one at a time, on the calling thread, which must
/// not be an I/O thread; reading is thread-safe.
class Registry {
 public:
  explicit Registry(RegistryParts parts);
  ~Registry();  ///< stop().
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// Makes the manifest true: checks everything, starts a new generation beside the old one,
  /// switches, drains and closes the old one. The error says why the plugin is not as the manifest
  /// wants it; a running generation goes on serving. The same manifest over the same bundle changes
  /// nothing.
  Result<void> apply(const config::Manifest& manifest, Cause cause);

  Result<void> disable(const std::string& id);
  /// Starts a disabled or failed plugin again from its manifest.
  Result<void> enable(const std::string& id);
  /// Ends the quarantine of an isolated plugin and starts it. Code::state when there is none.
  Result<void> clear(const std::string& id);
  /// Ends a plugin and forgets it; its store stays unless `delete_data`.
  Result<void> remove(const std::string& id, bool delete_data);

  /// Replaces an org's own values of a plugin; applies from the next call. The values in force
  /// there, as JSON. Code::conflict for a value an ancestor locked.
  Result<std::string> set_config(const std::string& id, const std::string& org,
                                 const json::Value& values);
  /// The values in force at an org, as a JSON object.
  Result<std::string> effective_config(const std::string& id, const std::string& org) const;
  /// The manifest in force, its config as set_config left it: what to keep for the next start.
  Result<config::Manifest> manifest(const std::string& id) const;

  /// The org tree changed: every store gets the directory's present closure.
  Result<void> directory_changed();

  std::vector<PluginInfo> plugins() const;
  /// What the host asks of a plugin's data, wherever it is; null while nobody has it open.
  std::shared_ptr<PluginData> data(const std::string& id) const;
  /// A plugin's database while this process has it open, else null. Valid until the next change.
  storage::Store* store(const std::string& id) const;
  /// Every database this process has open, by plugin id; each stays so while its pointer is held.
  std::map<std::string, std::shared_ptr<storage::Store>> stores() const;

  /// Copies the store of a plugin into a folder that is made, at the moment that the hooks meet.
  using StoreCopier =
      std::function<Result<void>(const std::string& folder, const storage::CopyHooks& hooks)>;
  /// Of every plugin that has its store in a process of its own, by plugin id.
  std::map<std::string, StoreCopier> store_copiers() const;

  /// Drains and closes every generation, closes the stores. Requests that come later are answered
  /// 503.
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The plugins' own metrics in the Prometheus text format:
/// forecourt_plugin_<name>{plugin="<id>",...}.
std::string render_plugin_metrics();

/// The child's side of probing a library, `plugin-probe <library> <id> <version>`: loads it, calls
/// its entry, checks the table. Says on standard output why a library is refused; the exit status
/// is 0 when it is good.
int run_probe(const std::string& library, const std::string& id, const std::string& version);

}  // namespace forecourt::plugin
