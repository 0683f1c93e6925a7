#include "plugin/registry.hpp"

#include <filesystem>

#include "plugin/crash_marker.hpp"
#include "plugin/in_process.hpp"
#include "plugin/registry_impl.hpp"
#include "storage/foreign.hpp"

namespace forecourt::plugin {
namespace {

Error named(const std::string& id, const Error& error) {
  return {error.code, id + ": " + error.message};
}

/// What runs says of itself; the reason of a refused upgrade stays where it has nothing to say.
void describe(Standing standing, PluginInfo& info) {
  info.state = std::move(standing.state);
  if (!standing.reason.empty()) info.reason = std::move(standing.reason);
  info.process = standing.process;
  info.crashes = standing.crashes;
  info.sandbox = std::move(standing.sandbox);
  info.last_lines = std::move(standing.last_lines);
}

}  // namespace

Registry::Registry(RegistryParts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {
  catch_crashes();
  events::Dispatcher* const dispatcher = impl_->parts.dispatcher;
  jobs::Scheduler* const scheduler = impl_->parts.scheduler;
  if (!dispatcher || !scheduler) return;
  // A handled event may plan jobs, a job may publish events.
  dispatcher->on_commit([scheduler](const std::string& plugin) { scheduler->notify(plugin); });
  scheduler->on_commit([dispatcher](const std::string& plugin) { dispatcher->notify(plugin); });
}

Registry::~Registry() { stop(); }

Result<void> Registry::apply(const config::Manifest& manifest, Cause cause) {
  std::lock_guard changing(impl_->changing);
  if (impl_->stopped) return Error{Code::unavailable, "the host stops"};
  impl_->reap();
  const std::string& id = manifest.plugin;
  Record* record;
  {
    std::lock_guard lock(impl_->mutex);
    record = &impl_->records[id];
    if (record->manifest.plugin.empty()) record->manifest = manifest;
  }
  if (!manifest.enabled) {
    {
      std::lock_guard lock(impl_->mutex);
      record->manifest = manifest;
      record->state = "disabled";
      record->reason = "its manifest disables it";
      if (record->openapi.empty()) record->openapi = find_openapi(manifest.path);
    }
    impl_->end(id, *record);
    return {};
  }
  auto candidate = impl_->check(*record, manifest, cause);
  if (candidate && !*candidate) return {};
  auto changed = candidate ? impl_->change(id, *record, std::move(**candidate))
                           : Result<void>(candidate.error());
  if (changed) return {};
  impl_->refuse(id, *record, manifest, changed.error());
  return named(id, changed.error());
}

Result<void> Registry::disable(const std::string& id) {
  std::lock_guard changing(impl_->changing);
  Record* record;
  {
    std::lock_guard lock(impl_->mutex);
    record = impl_->find(id);
    if (!record) return not_found("there is no plugin \"" + id + "\"");
    record->manifest.enabled = false;
    record->state = "disabled";
    record->reason = "an admin disabled it";
  }
  impl_->end(id, *record);
  return {};
}

Result<void> Registry::enable(const std::string& id) {
  config::Manifest again;
  {
    std::lock_guard lock(impl_->mutex);
    const Record* const record = impl_->find(id);
    if (!record) return not_found("there is no plugin \"" + id + "\"");
    again = record->manifest;
  }
  again.enabled = true;
  return apply(again, Cause::admin);
}

Result<void> Registry::remove(const std::string& id, bool delete_data) {
  std::lock_guard changing(impl_->changing);
  Record* record;
  {
    std::lock_guard lock(impl_->mutex);
    record = impl_->find(id);
    if (!record) return not_found("there is no plugin \"" + id + "\"");
    record->state = "disabled";
    record->reason = "it is being removed";
  }
  impl_->end(id, *record);
  if (impl_->parts.dispatcher) impl_->parts.dispatcher->detach(id);
  {
    std::lock_guard lock(impl_->mutex);
    impl_->records.erase(id);
  }
  impl_->publish_or_log();
  if (!delete_data) return {};
  storage::unmark_foreign(impl_->parts.data_folder, id);
  std::error_code failure;
  std::filesystem::remove_all(impl_->folder_of(id), failure);
  if (failure) return internal(impl_->folder_of(id) + ": " + failure.message());
  return {};
}

Result<std::string> Registry::set_config(const std::string& id, const std::string& org,
                                         const json::Value& values) {
  std::lock_guard changing(impl_->changing);
  const auto tree = impl_->parts.directory->snapshot();
  const auto path = path_to_root(*tree, org);
  if (path.empty()) return not_found("there is no org \"" + org + "\"");
  std::unique_lock lock(impl_->mutex);
  Record* const record = impl_->find(id);
  if (!record) return not_found("there is no plugin \"" + id + "\"");
  if (!record->running)
    return Error{Code::unavailable, id + " does not run: its settings cannot be checked"};
  Running& running = *record->running;
  const config::ConfigSchema& schema = *running.candidate.config_schema;
  auto changed = running.candidate.config.with(org, values, schema, "config." + org);
  if (!changed) return changed.error();
  for (const auto& member : values.GetObject()) {
    const std::string_view key = json::view(member.name);
    const std::string_view locker = running.candidate.config.locked_by(path, key);
    if (locker.empty()) continue;
    return Error{Code::conflict, "config." + org + "." + std::string(key) + ": locked by \"" +
                                     std::string(locker) + "\""};
  }
  running.candidate.config = std::move(*changed);
  running.candidate.manifest.config = running.candidate.config.to_json();
  record->manifest.config = running.candidate.manifest.config;
  std::string effective = running.candidate.config.effective_json(schema, path);
  lock.unlock();  // only a change, and this is one, ends what runs
  if (auto told = running.live->set_config(running.candidate.config); !told) return told.error();
  return effective;
}

Result<std::string> Registry::effective_config(const std::string& id,
                                               const std::string& org) const {
  const auto tree = impl_->parts.directory->snapshot();
  const auto path = path_to_root(*tree, org);
  if (path.empty()) return not_found("there is no org \"" + org + "\"");
  std::lock_guard lock(impl_->mutex);
  const Record* const record = impl_->find(id);
  if (!record) return not_found("there is no plugin \"" + id + "\"");
  if (!record->running)
    return Error{Code::unavailable, id + " does not run: its settings are not known"};
  const Candidate& candidate = record->running->candidate;
  return candidate.config.effective_json(*candidate.config_schema, path);
}

Result<config::Manifest> Registry::manifest(const std::string& id) const {
  std::lock_guard lock(impl_->mutex);
  const Record* const record = impl_->find(id);
  if (!record) return not_found("there is no plugin \"" + id + "\"");
  return record->manifest;
}

Result<void> Registry::directory_changed() {
  std::lock_guard changing(impl_->changing);
  std::vector<std::pair<std::string, std::function<Result<void>()>>> tell;
  {
    std::lock_guard lock(impl_->mutex);
    for (const auto& [id, record] : impl_->records) {
      if (record.running) {
        tell.emplace_back(id, [live = record.running->live] { return live->tree_changed(); });
      } else if (record.store) {
        tell.emplace_back(id, [store = record.store, directory = impl_->parts.directory] {
          return tell_tree(*store, *directory);
        });
      }
    }
  }
  // One store that cannot take it does not keep the others from it.
  Result<void> outcome;
  for (const auto& [id, told] : tell) {
    if (auto done = told(); !done) outcome = named(id, done.error());
  }
  return outcome;
}

Result<void> Registry::clear(const std::string& id) {
  std::lock_guard changing(impl_->changing);
  std::shared_ptr<Live> live;
  {
    std::lock_guard lock(impl_->mutex);
    const Record* const record = impl_->find(id);
    if (!record) return not_found("there is no plugin \"" + id + "\"");
    if (!record->running) return Error{Code::state, id + ": does not run; enable it"};
    live = record->running->live;
  }
  auto cleared = live->clear();
  return cleared ? cleared : named(id, cleared.error());
}

std::vector<PluginInfo> Registry::plugins() const {
  std::vector<PluginInfo> list;
  std::lock_guard lock(impl_->mutex);
  for (const auto& [id, record] : impl_->records) {
    PluginInfo info{id,
                    record.version,
                    record.state,
                    record.reason,
                    record.manifest.mode,
                    record.manifest.path,
                    record.library_sha256,
                    record.generations,
                    0,
                    0,
                    "[]",
                    {}};
    if (record.running) describe(record.running->live->standing(), info);
    list.push_back(std::move(info));
  }
  return list;
}

std::shared_ptr<PluginData> Registry::data(const std::string& id) const {
  std::lock_guard lock(impl_->mutex);
  const Record* const record = impl_->find(id);
  if (!record) return nullptr;
  if (record->running) {
    if (auto elsewhere = record->running->live->data()) return elsewhere;
  }
  return record->store ? std::make_shared<StoreData>(record->store) : nullptr;
}

storage::Store* Registry::store(const std::string& id) const {
  std::lock_guard lock(impl_->mutex);
  const Record* const record = impl_->find(id);
  return record ? record->store.get() : nullptr;
}

std::map<std::string, std::shared_ptr<storage::Store>> Registry::stores() const {
  std::map<std::string, std::shared_ptr<storage::Store>> stores;
  std::lock_guard lock(impl_->mutex);
  for (const auto& [id, record] : impl_->records) {
    if (record.store) stores.emplace(id, record.store);
  }
  return stores;
}

std::map<std::string, Registry::StoreCopier> Registry::store_copiers() const {
  std::map<std::string, StoreCopier> copiers;
  std::lock_guard lock(impl_->mutex);
  for (const auto& [id, record] : impl_->records) {
    if (!record.running || !record.running->isolated()) continue;
    copiers.emplace(id, [live = record.running->live, writer = record.running->candidate,
                         clock = impl_->parts.clock](const std::string& folder,
                                                     const storage::CopyHooks& hooks) {
      return copy_told_store(writer, *clock, folder, live->rows(), hooks);
    });
  }
  return copiers;
}

void Registry::stop() {
  impl_->ending = true;
  std::lock_guard changing(impl_->changing);
  if (impl_->stopped) return;
  impl_->stopped = true;
  impl_->publish_or_log();
  for (auto& [id, record] : impl_->records) impl_->end(id, record);
  impl_->reap();
  impl_->abandon_stuck();
  std::lock_guard lock(impl_->mutex);
  for (auto& [id, record] : impl_->records) {
    record.state = "disabled";
    record.reason = "the host stopped";
    record.store.reset();
  }
}

}  // namespace forecourt::plugin
