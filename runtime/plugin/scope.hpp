#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "config/config_values.hpp"
#include "config/services.hpp"
#include "events/dispatcher.hpp"
#include "jobs/scheduler.hpp"
#include "org/directory.hpp"
#include "plugin/crash_marker.hpp"
#include "secrets/secret_box.hpp"

namespace forecourt::plugin {

/// The place of a service in config::k_services.
enum class Service : uint32_t {
  http,
  sql,
  events,
  jobs,
  org,
  config,
  secrets,
  clock,
  ids,
  log,
  metrics,
  audit,
};
static_assert(static_cast<size_t>(Service::audit) + 1 == std::size(config::k_services));

/// The settings of a plugin, swapped as a whole. Shared by its generations. Thread-safe.
class ConfigCell {
 public:
  explicit ConfigCell(config::ConfigValues values)
      : values_(std::make_shared<const config::ConfigValues>(std::move(values))) {}
  std::shared_ptr<const config::ConfigValues> get() const {
    std::lock_guard lock(mutex_);
    return values_;
  }
  void set(config::ConfigValues values) {
    auto fresh = std::make_shared<const config::ConfigValues>(std::move(values));
    std::lock_guard lock(mutex_);
    values_ = std::move(fresh);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const config::ConfigValues> values_;  // guarded by mutex_
};

/// What one generation of a plugin is, may see and may do: everything a service needs to know.
/// Constant.
struct PluginScope {
  std::string id;
  std::string version;
  int64_t generation = 0;
  uint32_t services = 0;  ///< one bit a Service: asked for and granted
  bool unscoped = false;
  std::vector<std::string> publishes;
  std::vector<std::string> jobs;
  std::shared_ptr<const config::ConfigSchema> config_schema;
  std::shared_ptr<ConfigCell> config;
  std::shared_ptr<const secrets::SecretBox> secrets;
  std::shared_ptr<const CrashSite> crash_site;  ///< null: crashes are not recorded
  const Clock* clock = nullptr;
  const org::Directory* directory = nullptr;
  events::Dispatcher* dispatcher = nullptr;  ///< told after a commit that published; may be null
  jobs::Scheduler* scheduler = nullptr;      ///< told after a commit that planned; may be null

  /// Told what the plugin was refused for want of a right; may be null. Must not block.
  std::function<void(std::string_view what)> denied;

  bool has(Service service) const { return (services >> static_cast<uint32_t>(service) & 1) != 0; }
};

/// `org` and its ancestors up to the root, in that order; empty for an unknown org.
std::vector<std::string_view> path_to_root(const org::Snapshot& tree, std::string_view org);

}  // namespace forecourt::plugin
