// From a manifest to a running generation.
#include "base/log.hpp"
#include "events/schema.hpp"
#include "jobs/schema.hpp"
#include "plugin/audit_outbox.hpp"
#include "plugin/library.hpp"
#include "plugin/probe.hpp"
#include "plugin/registry_impl.hpp"
#include "plugin/start_history.hpp"

namespace forecourt::plugin {
namespace {

std::vector<std::string> store_schema() {
  std::vector<std::string> statements = events::host_schema();
  for (std::string& statement : jobs::host_schema()) statements.push_back(std::move(statement));
  for (const std::string& statement : audit_outbox_schema()) statements.push_back(statement);
  return statements;
}

}  // namespace

std::vector<storage::OrgPair> closure(const org::Snapshot& tree) {
  std::vector<storage::OrgPair> pairs;
  for (const auto& [id, org] : tree.orgs()) {
    for (const std::string_view ancestor : path_to_root(tree, id))
      pairs.push_back({id, std::string(ancestor)});
  }
  return pairs;
}

/// Opens the plugin's database when it is not open yet.
Result<void> Registry::Impl::open_store(Record& record, const Candidate& candidate) {
  if (record.store) return {};
  storage::StoreOptions options;
  if (!parts.stores_in_memory) options.folder = folder_of(candidate.bundle.descriptor.id);
  options.clock = parts.clock;
  options.queue_max = static_cast<size_t>(candidate.manifest.limits.queue_max);
  options.pages_max = candidate.manifest.limits.store_pages_max;
  options.host_schema = store_schema();
  auto store = storage::Store::open(std::move(options));
  if (!store) return Error{store.error().code, "its store: " + store.error().message};
  std::lock_guard lock(mutex);
  record.store = std::move(*store);
  return {};
}

/// Brings the store up to date, then loads the code and starts an instance.
Result<std::unique_ptr<Running>> Registry::Impl::load(Record& record, Candidate candidate) {
  const config::Descriptor& descriptor = candidate.bundle.descriptor;
  const std::string library_folder = parts.data_folder + "/libraries";
  auto path =
      keep_library(library_folder, candidate.bundle.library, candidate.bundle.library_sha256);
  if (!path) return path.error();
  if (!parts.probe_command.empty()) {
    auto good = probe_library(parts.probe_command, *path, descriptor.id, descriptor.version.text(),
                              parts.probe_timeout_ms);
    if (!good) return good.error();
  }
  if (auto opened = open_store(record, candidate); !opened) return opened.error();
  const auto tree = parts.directory->snapshot();
  if (auto told = record.store->set_orgs(tree->version, closure(*tree)); !told) return told.error();
  if (auto migrated = record.store->migrate(candidate.bundle.migrations); !migrated)
    return migrated.error();

  auto entry = load_library(*path);
  if (!entry) return entry.error();
  auto table = read_table(*entry, descriptor.id, descriptor.version.text());
  if (!table) return table.error();
  auto complete = Generation::check_handlers(*table, candidate.bundle.operations,
                                             descriptor.consumes, descriptor.jobs);
  if (!complete) return complete.error();

  auto running = std::make_unique<Running>();
  running->config = std::make_shared<ConfigCell>(candidate.config);
  GenerationParts made;
  PluginScope& scope = made.scope;
  scope.id = descriptor.id;
  scope.version = descriptor.version.text();
  scope.generation = record.generations + 1;
  scope.services = candidate.services;
  scope.unscoped = descriptor.unscoped && candidate.manifest.grants.unscoped;
  scope.publishes = descriptor.publishes;
  scope.jobs = descriptor.jobs;
  scope.config_schema = candidate.config_schema;
  scope.config = running->config;
  scope.secrets = std::make_shared<const secrets::SecretBox>(parts.secrets_keys, descriptor.id);
  scope.crash_site = std::make_shared<const CrashSite>(
      StartHistory(folder_of(descriptor.id)).crash_site(candidate.bundle.library_sha256));
  scope.clock = parts.clock;
  scope.directory = parts.directory;
  scope.dispatcher = parts.dispatcher;
  scope.scheduler = parts.scheduler;
  made.table = std::move(*table);
  made.operations = candidate.bundle.operations;
  made.store = record.store.get();
  made.workers = parts.workers;
  made.timeout_ms = candidate.manifest.limits.timeout_ms;
  running->generation = std::make_shared<Generation>(std::move(made));
  if (auto opened = running->generation->open(); !opened) return opened.error();
  if (auto started = running->generation->start(); !started) return started.error();
  running->bridge = std::make_shared<Bridge>(running->generation);
  running->candidate = std::move(candidate);
  return running;
}

Result<std::unique_ptr<Running>> Registry::Impl::start(Record& record, Candidate candidate) {
  StartHistory history(folder_of(candidate.bundle.descriptor.id));
  if (auto begun = history.begin(candidate.bundle.library_sha256); !begun) return begun.error();
  auto running = load(record, std::move(candidate));
  history.end();
  return running;
}

/// Null when what runs is what the manifest says already.
Result<std::unique_ptr<Running>> Registry::Impl::make(Record& record,
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
  if (record.running && record.running->candidate.fingerprint() == candidate->fingerprint()) {
    return std::unique_ptr<Running>();
  }
  StartHistory history(folder_of(manifest.plugin));
  if (cause == Cause::admin) {
    history.forget();
  } else if (auto good = history.check(candidate->bundle.library_sha256); !good) {
    return good.error();
  }
  return start(record, std::move(*candidate));
}

}  // namespace forecourt::plugin
