#include "gateway/admin/site.hpp"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/log.hpp"
#include "gateway/admin/audit_outbox.hpp"

namespace forecourt::admin {
namespace {

constexpr int64_t k_read_deadline_ns = 10'000'000'000;

Error refused(const Error& error) { return {Code::conflict, error.message}; }

/// A manifest as text, its path in full: "here/x" and "/all/the/way/here/x" are the same.
std::string comparable(config::Manifest manifest) {
  std::error_code failure;
  const auto absolute = std::filesystem::absolute(manifest.path, failure);
  if (!failure) manifest.path = absolute.lexically_normal().string();
  return config::to_json(manifest);
}

/// An org's own values in a manifest.
json::Document own_values(const config::Manifest& manifest, const std::string& org) {
  json::Document values(rapidjson::kObjectType);
  const auto all = json::parse(manifest.config);
  if (const json::Value* own = all ? json::find(*all, org) : nullptr)
    values.CopyFrom(*own, values.GetAllocator());
  return values;
}

}  // namespace

FolderManifests read_manifests(const std::string& folder) {
  namespace fs = std::filesystem;
  FolderManifests found;
  std::vector<std::string> paths;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  std::map<std::string, std::string> named;  // plugin to file
  for (const std::string& path : paths) {
    auto manifest = config::load_manifest(path);
    if (!manifest) {
      found.errors.push_back(manifest.error());
      found.error_paths.push_back(path);
      continue;
    }
    const auto [first, fresh] = named.emplace(manifest->plugin, path);
    if (!fresh) {
      found.errors.push_back(
          invalid(path + ": plugin: \"" + manifest->plugin + "\" is already in " + first->second));
      found.error_paths.push_back(path);
      continue;
    }
    found.manifests.push_back(std::move(*manifest));
  }
  return found;
}

bool is_in_folder(const std::string& folder, const config::Manifest& manifest) {
  const std::string wanted = comparable(manifest);
  const FolderManifests found = read_manifests(folder);
  return std::any_of(found.manifests.begin(), found.manifests.end(),
                     [&](const config::Manifest& file) {
                       return file.plugin == manifest.plugin && comparable(file) == wanted;
                     });
}

Result<config::Manifest> with_settings(config::Manifest manifest,
                                       const std::vector<org::OrgSettings>& settings) {
  auto merged = json::parse(manifest.config);
  if (!merged) return Error{Code::invalid, manifest.source + ": config: " + merged.error().message};
  auto& allocator = merged->GetAllocator();
  bool changed = false;
  for (const org::OrgSettings& own : settings) {
    if (own.plugin != manifest.plugin) continue;
    auto values = json::parse(own.settings);
    if (!values)
      return internal("host store: config of " + own.plugin + " at " + own.org + " is damaged");
    merged->RemoveMember(own.org);
    json::Value copy(*values, allocator);
    merged->AddMember(json::Value(own.org, allocator), copy, allocator);
    changed = true;
  }
  if (changed) manifest.config = json::to_text(*merged);
  return manifest;
}

Site::Site(org::HostDirectory& directory, plugin::Registry& registry, std::string manifests_folder)
    : directory_(directory), registry_(registry), folder_(std::move(manifests_folder)) {}

Result<void> Site::start() {
  std::lock_guard changing(changing_);
  Intents intents;
  std::vector<org::OrgSettings> settings;
  auto read = directory_.store().read(directory_.clock().monotonic_ns() + k_read_deadline_ns,
                                      [&](storage::Session& session) -> Result<void> {
                                        auto found = org::load_intents(session);
                                        if (!found) return found.error();
                                        intents = std::move(*found);
                                        auto own = org::load_settings(session);
                                        if (!own) return own.error();
                                        settings = std::move(*own);
                                        return {};
                                      });
  if (!read) return read.error();

  FolderManifests folder = read_manifests(folder_);
  for (size_t i = 0; i < folder.errors.size(); ++i) {
    const std::string& path = folder.error_paths[i];
    set_unreadable({std::filesystem::path(path).stem().string(), path, folder.errors[i].message});
  }
  std::map<std::string, org::PluginIntent> wanted;
  for (org::PluginIntent& intent : intents) wanted[intent.plugin] = std::move(intent);
  std::map<std::string, config::Manifest> files;
  for (config::Manifest& manifest : folder.manifests) {
    wanted[manifest.plugin].plugin = manifest.plugin;
    files.emplace(manifest.plugin, std::move(manifest));
  }
  for (const auto& [id, intent] : wanted) {
    std::optional<config::Manifest> file;
    if (const auto found = files.find(id); found != files.end()) file = std::move(found->second);
    start_one(intent, std::move(file), settings);
  }
  return {};
}

void Site::start_one(const org::PluginIntent& intent, std::optional<config::Manifest> file,
                     const std::vector<org::OrgSettings>& settings) {
  if (intent.removed) {
    forget_unreadable(intent.plugin);
    return;
  }
  if (intent.manifest) {
    auto applied = config::parse_manifest(*intent.manifest, "applied manifest of " + intent.plugin);
    if (!applied) {
      set_unreadable({intent.plugin, {}, applied.error().message});
      return;
    }
    if (file && config::to_json(*file) != config::to_json(*applied)) {
      log::warn("site",
                "the manifest that was applied wins over the file; apply the file to use it",
                {{"plugin", intent.plugin}, {"file", file->source}});
    }
    file = std::move(*applied);
  }
  if (!file) return;  // only overrules a file that is gone
  if (intent.enabled) file->enabled = *intent.enabled;
  auto manifest = with_settings(std::move(*file), settings);
  if (!manifest) {
    set_unreadable({intent.plugin, {}, manifest.error().message});
    return;
  }
  forget_unreadable(intent.plugin);
  if (auto applied = registry_.apply(*manifest, plugin::Cause::start); !applied) {
    log::error("site", "a plugin does not run",
               {{"plugin", intent.plugin}, {"reason", applied.error().message}});
  }
}

std::vector<plugin::PluginInfo> Site::plugins() const {
  std::vector<plugin::PluginInfo> all = registry_.plugins();
  std::lock_guard lock(mutex_);
  for (const Unreadable& entry : unreadable_) {
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const auto& info) { return info.id == entry.id; });
    if (known) continue;
    plugin::PluginInfo info;
    info.id = entry.id;
    info.state = "failed";
    info.reason = entry.reason;
    info.path = entry.path;
    all.push_back(std::move(info));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return all;
}

std::optional<plugin::PluginInfo> Site::plugin(std::string_view id) const {
  for (plugin::PluginInfo& info : plugins()) {
    if (info.id == id) return std::move(info);
  }
  return std::nullopt;
}

std::vector<http::Service> Site::unavailable_services() const {
  std::vector<http::Service> services;
  std::lock_guard lock(mutex_);
  for (const Unreadable& entry : unreadable_) {
    http::Service service;
    service.id = entry.id;
    service.prefix = "/v1/" + entry.id;
    service.unavailable = "its manifest cannot be used";
    services.push_back(std::move(service));
  }
  return services;
}

Result<void> Site::apply(const std::string& id, std::string_view manifest_json, const Keep& keep) {
  auto manifest = config::parse_manifest(manifest_json, "manifest");
  if (!manifest) return manifest.error();
  if (manifest->plugin != id) {
    return invalid("plugin: is \"" + manifest->plugin + "\", but the path says \"" + id + "\"");
  }
  std::lock_guard changing(changing_);
  if (auto applied = registry_.apply(*manifest, plugin::Cause::admin); !applied) {
    return refused(applied.error());
  }
  forget_unreadable(id);
  const std::string canonical = config::to_json(*manifest);
  const bool follows = is_in_folder(folder_, *manifest);
  return persist(
      [&](storage::Session& session, const org::Snapshot&) {
        return org::apply_manifest(session, id,
                                   follows ? std::string_view() : std::string_view(canonical));
      },
      keep);
}

Result<void> Site::disable(const std::string& id, const Keep& keep) {
  std::lock_guard changing(changing_);
  if (auto disabled = registry_.disable(id); !disabled) return disabled.error();
  return persist([&](storage::Session& session,
                     const org::Snapshot&) { return org::set_enabled(session, id, false); },
                 keep);
}

Result<void> Site::enable(const std::string& id, const Keep& keep) {
  std::lock_guard changing(changing_);
  if (auto enabled = registry_.enable(id); !enabled) {
    return enabled.error().code == Code::not_found ? enabled.error() : refused(enabled.error());
  }
  return persist([&](storage::Session& session,
                     const org::Snapshot&) { return org::set_enabled(session, id, true); },
                 keep);
}

Result<void> Site::clear(const std::string& id, const Keep& keep) {
  std::lock_guard changing(changing_);
  if (auto cleared = registry_.clear(id); !cleared) {
    return cleared.error().code == Code::not_found ? cleared.error() : refused(cleared.error());
  }
  return persist([](storage::Session&, const org::Snapshot&) { return Result<void>(); }, keep);
}

Result<void> Site::remove(const std::string& id, bool delete_data, const Keep& keep) {
  std::lock_guard changing(changing_);
  collect_audit(id);
  auto removed = registry_.remove(id, delete_data);
  const bool unreadable = plugin(id).has_value();
  if (!removed && !(removed.error().code == Code::not_found && unreadable)) return removed.error();
  forget_unreadable(id);
  return persist([&](storage::Session& session,
                     const org::Snapshot&) { return org::set_removed(session, id); },
                 keep);
}

Result<std::string> Site::set_config(
    const std::string& id, const std::string& org, const json::Value& values,
    const std::function<Result<void>(storage::Session&, const std::string&)>& keep) {
  std::lock_guard changing(changing_);
  const auto before = registry_.manifest(id);
  if (!before) return before.error();
  auto effective = registry_.set_config(id, org, values);
  if (!effective) return effective.error();
  const org::OrgSettings own{id, org, json::to_text(values)};
  auto persisted = persist([&](storage::Session& session,
                               const org::Snapshot&) { return org::set_settings(session, own); },
                           [&](storage::Session& session) { return keep(session, *effective); });
  if (persisted) return effective;
  // What is not kept must not be in force either.
  if (auto undone = registry_.set_config(id, org, own_values(*before, org)); !undone) {
    log::error("site", "config in force is not what is kept", {{"plugin", id}, {"org", org}});
  }
  return persisted.error();
}

void Site::tell_tree() {
  std::lock_guard changing(changing_);
  auto told = registry_.directory_changed();
  tree_told_ = told.ok();
  if (!told)
    log::error("site", "a store did not take the new tree", {{"reason", told.error().message}});
}

void Site::housekeep() {
  std::lock_guard changing(changing_);
  if (!tree_told_) tree_told_ = registry_.directory_changed().ok();
  for (const plugin::PluginInfo& info : registry_.plugins()) {
    if (info.state == "running") collect_audit(info.id);
  }
}

void Site::look(const std::function<void()>& work) {
  const std::unique_lock changing(changing_, std::try_to_lock);
  if (changing) work();
}

void Site::hold(const std::function<void()>& work) {
  const std::lock_guard changing(changing_);
  work();
}

void Site::collect_audit(const std::string& id) {
  const std::shared_ptr<plugin::PluginData> data = registry_.data(id);
  if (!data || data->lane().stuck) return;
  if (auto collected = chain_audit_outbox(id, *data, directory_); !collected) {
    log::error("site", "audit entries are waiting in a plugin's store",
               {{"plugin", id}, {"reason", collected.error().message}});
  }
}

void Site::set_unreadable(Unreadable entry) {
  log::error("site", "a manifest cannot be used", {{"plugin", entry.id}, {"reason", entry.reason}});
  std::lock_guard lock(mutex_);
  unreadable_.push_back(std::move(entry));
}

void Site::forget_unreadable(const std::string& id) {
  {
    std::lock_guard lock(mutex_);
    const auto forgotten =
        std::erase_if(unreadable_, [&](const Unreadable& entry) { return entry.id == id; });
    if (forgotten == 0) return;
  }
  if (unavailable_changed_) unavailable_changed_();
}

Result<void> Site::persist(const org::HostDirectory::Work& change, const Keep& keep) {
  return directory_.write([&](storage::Session& session, const org::Snapshot& now) -> Result<void> {
    if (auto changed = change(session, now); !changed) return changed;
    return keep(session);
  });
}

}  // namespace forecourt::admin
