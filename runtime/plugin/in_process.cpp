#include "plugin/in_process.hpp"

#include <algorithm>

#include "events/schema.hpp"
#include "jobs/schema.hpp"
#include "org/tree.hpp"
#include "plugin/audit_outbox.hpp"
#include "plugin/library.hpp"

namespace forecourt::plugin {
namespace {

std::vector<std::string> store_schema() {
  std::vector<std::string> statements = events::host_schema();
  for (std::string& statement : jobs::host_schema()) statements.push_back(std::move(statement));
  for (const std::string& statement : audit_outbox_schema()) statements.push_back(statement);
  return statements;
}

/// A subscription starts all its publishers at one end, so history is delivered only when it is
/// granted for each of them: a grant for one publisher does not open another's past.
bool is_history_granted(const Candidate& candidate) {
  const std::vector<std::string>& granted = candidate.manifest.grants.history;
  return !candidate.consumes.empty() &&
         std::ranges::all_of(candidate.consumes, [&granted](const std::string& type) {
           return std::ranges::find(granted, type.substr(0, type.find('.'))) != granted.end();
         });
}

PluginScope scope_of(const Candidate& candidate, const Surroundings& surroundings) {
  const config::Descriptor& descriptor = candidate.bundle.descriptor;
  PluginScope scope;
  scope.id = descriptor.id;
  scope.version = descriptor.version.text();
  scope.generation = surroundings.generation;
  scope.services = candidate.services;
  scope.unscoped = descriptor.unscoped && candidate.manifest.grants.unscoped;
  scope.publishes = descriptor.publishes;
  scope.jobs = descriptor.jobs;
  scope.config_schema = candidate.config_schema;
  scope.secrets = surroundings.secrets;
  scope.crash_site = surroundings.crash_site;
  scope.clock = surroundings.clock;
  scope.directory = surroundings.directory;
  scope.dispatcher = surroundings.dispatcher;
  scope.scheduler = surroundings.scheduler;
  scope.denied = surroundings.denied;
  return scope;
}

}  // namespace

Result<std::shared_ptr<storage::Store>> open_store(const Candidate& candidate,
                                                   const std::string& folder, const Clock& clock) {
  storage::StoreOptions options;
  options.folder = folder;
  options.clock = &clock;
  options.queue_max = static_cast<size_t>(candidate.manifest.limits.queue_max);
  options.pages_max = candidate.manifest.limits.store_pages_max;
  options.host_schema = store_schema();
  auto store = storage::Store::open(std::move(options));
  if (!store) return Error{store.error().code, "its store: " + store.error().message};
  return std::shared_ptr<storage::Store>(std::move(*store));
}

Result<void> tell_tree(storage::Store& store, const org::Directory& directory) {
  const auto tree = directory.snapshot();
  return store.set_orgs(tree->version, org::closure(*tree));
}

Result<std::shared_ptr<InProcess>> InProcess::start(const Candidate& candidate,
                                                    const std::string& library,
                                                    std::shared_ptr<storage::Store> store,
                                                    Surroundings surroundings) {
  const config::Descriptor& descriptor = candidate.bundle.descriptor;
  if (auto told = tell_tree(*store, *surroundings.directory); !told) return told.error();
  if (auto migrated = store->migrate(candidate.bundle.migrations); !migrated)
    return migrated.error();

  auto entry = load_library(library);
  if (!entry) return entry.error();
  auto table = read_table(*entry, descriptor.id, descriptor.version.text());
  if (!table) return table.error();
  auto complete = Generation::check_handlers(*table, candidate.bundle.operations,
                                             descriptor.consumes, descriptor.jobs);
  if (!complete) return complete.error();

  std::shared_ptr<InProcess> live(new InProcess);
  live->surroundings_ = surroundings;
  live->store_ = store;
  live->consumes_ = candidate.consumes;
  live->history_granted_ = is_history_granted(candidate);
  live->config_ = std::make_shared<ConfigCell>(candidate.config);
  GenerationParts made;
  made.scope = scope_of(candidate, surroundings);
  made.scope.config = live->config_;
  made.table = std::move(*table);
  made.operations = candidate.bundle.operations;
  made.store = store.get();
  made.workers = surroundings.workers;
  made.timeout_ms = candidate.manifest.limits.timeout_ms;
  live->generation_ = std::make_shared<Generation>(std::move(made));
  if (auto opened = live->generation_->open(); !opened) return opened.error();
  if (auto started = live->generation_->start(); !started) return started.error();
  live->bridge_ = std::make_shared<Bridge>(live->generation_);
  return live;
}

Result<void> InProcess::deliver() {
  const std::string& id = generation_->scope().id;
  if (surroundings_.scheduler)
    surroundings_.scheduler->attach(id, store_.get(), make_runner(generation_));
  if (!surroundings_.dispatcher) return {};
  surroundings_.dispatcher->attach_publisher(id, store_.get());
  events::Subscription subscription;
  subscription.subscriber = id;
  subscription.store = store_.get();
  subscription.consumer = make_consumer(generation_);
  subscription.types = consumes_;
  subscription.from_start = history_granted_;
  return surroundings_.dispatcher->subscribe(std::move(subscription));
}

Result<void> InProcess::set_config(const config::ConfigValues& values) {
  config_->set(values);
  return {};
}

Result<void> InProcess::tree_changed() { return tell_tree(*store_, *surroundings_.directory); }

Standing InProcess::standing() const {
  Standing standing;
  if (!store_->lane().stuck()) return standing;
  standing.state = "stuck";
  standing.reason = "a handler is past its deadline and has not returned";
  return standing;
}

}  // namespace forecourt::plugin
