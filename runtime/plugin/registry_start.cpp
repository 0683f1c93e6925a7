// From a manifest to a running generation.
#include <filesystem>

#include "plugin/denials.hpp"
#include "plugin/in_process.hpp"
#include "plugin/library.hpp"
#include "plugin/probe.hpp"
#include "plugin/registry_impl.hpp"
#include "plugin/start_history.hpp"
#include "storage/foreign.hpp"

namespace forecourt::plugin {

/// In this process, over the plugin's database, which is opened when it is not yet.
Result<std::shared_ptr<Live>> Registry::Impl::start_here(Record& record, const Candidate& candidate,
                                                         const std::string& library) {
  const std::string& id = candidate.bundle.descriptor.id;
  if (!record.store) {
    auto store =
        open_store(candidate, parts.stores_in_memory ? std::string() : folder_of(id), *parts.clock);
    if (!store) return store.error();
    std::lock_guard lock(mutex);
    record.store = std::move(*store);
  }
  Surroundings surroundings;
  surroundings.clock = parts.clock;
  surroundings.workers = parts.workers;
  surroundings.directory = parts.directory;
  surroundings.dispatcher = parts.dispatcher;
  surroundings.scheduler = parts.scheduler;
  surroundings.secrets = std::make_shared<const secrets::SecretBox>(parts.secrets_keys, id);
  surroundings.crash_site = std::make_shared<const CrashSite>(
      StartHistory(folder_of(id)).crash_site(candidate.bundle.library_sha256));
  surroundings.generation = record.generations + 1;
  if (parts.denied)
    surroundings.denied = [denials = std::make_shared<Denials>(id, *parts.workers, parts.denied)](
                              std::string_view what) { denials->add(what); };
  auto live = InProcess::start(candidate, library, record.store, std::move(surroundings));
  if (!live) return live.error();
  return std::shared_ptr<Live>(std::move(*live));
}

/// In a process of its own, the only one that opens its database from then on.
Result<std::shared_ptr<Live>> Registry::Impl::start_isolated(Record& record,
                                                             const Candidate& candidate,
                                                             const std::string& library) {
  const std::string& id = candidate.bundle.descriptor.id;
  if (parts.dispatcher) parts.dispatcher->detach(id);
  {
    std::lock_guard lock(mutex);
    record.store.reset();
  }
  if (auto marked = storage::mark_foreign(parts.data_folder, id); !marked) return marked.error();
  auto live = parts.isolation->start({candidate, library, folder_of(id), record.generations + 1});
  std::error_code ignored;
  if (!live && !std::filesystem::exists(folder_of(id) + "/store.db", ignored))
    storage::unmark_foreign(parts.data_folder, id);
  return live;
}

Result<std::unique_ptr<Running>> Registry::Impl::start(Record& record, Candidate candidate) {
  const config::Descriptor& descriptor = candidate.bundle.descriptor;
  const std::string library_folder = parts.data_folder + "/libraries";
  const bool isolated = is_isolated(candidate.manifest);
  StartHistory history(folder_of(descriptor.id));
  if (!isolated) {
    if (auto begun = history.begin(candidate.bundle.library_sha256); !begun) return begun.error();
  }
  const auto started = [&]() -> Result<std::shared_ptr<Live>> {
    auto path =
        keep_library(library_folder, candidate.bundle.library, candidate.bundle.library_sha256);
    if (!path) return path.error();
    if (isolated) return start_isolated(record, candidate, *path);
    if (!parts.probe_command.empty()) {
      auto good = probe_library(parts.probe_command, *path, descriptor.id,
                                descriptor.version.text(), parts.probe_timeout_ms);
      if (!good) return good.error();
    }
    return start_here(record, candidate, *path);
  };
  auto live = started();
  if (!isolated) history.end();
  if (!live) return live.error();
  auto running = std::make_unique<Running>();
  running->generation = record.generations + 1;
  running->live = std::move(*live);
  running->candidate = std::move(candidate);
  return running;
}

/// Nothing when what runs is what the manifest says already.
Result<std::optional<Candidate>> Registry::Impl::check(Record& record,
                                                       const config::Manifest& manifest,
                                                       Cause cause) {
  auto candidate = check_candidate(manifest, parts.check_openapi);
  if (!candidate) return candidate.error();
  {
    std::lock_guard lock(mutex);
    if (!record.running) {
      record.version = candidate->bundle.descriptor.version.text();
      record.library_sha256 = candidate->bundle.library_sha256;
      record.openapi = candidate->openapi;
    }
  }
  if (record.running && record.running->candidate.fingerprint() == candidate->fingerprint())
    return std::optional<Candidate>();
  if (is_isolated(manifest)) {
    if (!parts.isolation)
      return invalid(manifest.source +
                     ": mode: this host runs no isolated plugins; use \"in-process\"");
    if (auto possible = parts.isolation->check(manifest); !possible) return possible.error();
    return std::optional<Candidate>(std::move(*candidate));
  }
  if (!manifest.sandbox_minimum.empty())
    return invalid(manifest.source +
                   ": sandbox_minimum: there is no sandbox in process; use mode \"isolated\", or "
                   "leave it out");
  if (storage::is_foreign(parts.data_folder, manifest.plugin)) {
    if (parts.isolation) return std::optional<Candidate>(std::move(*candidate));
    return invalid(manifest.source +
                   ": mode: its data was written by a process of its own, and this host runs none "
                   "that could tell it; leave it \"isolated\"");
  }
  StartHistory history(folder_of(manifest.plugin));
  if (cause == Cause::admin) {
    history.forget();
  } else if (auto good = history.check(candidate->bundle.library_sha256); !good) {
    return good.error();
  }
  return std::optional<Candidate>(std::move(*candidate));
}

}  // namespace forecourt::plugin
