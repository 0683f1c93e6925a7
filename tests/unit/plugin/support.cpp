#include "support.hpp"

namespace forecourt::plugin::test {
namespace {

/// The C functions of a handler have no room for its name: each handler has functions of its own.
constexpr const char* k_names[] = {"compute",  "quick",  "look",           "change",
                                   "prepared", "secret", "pub.thing.done", "work"};
constexpr uint32_t k_kinds[] = {FC_OPERATION, FC_OPERATION, FC_OPERATION, FC_OPERATION,
                                FC_OPERATION, FC_OPERATION, FC_EVENT,     FC_JOB};

template <int N>
fc_status prepare(void* instance, fc_handle call, void** prepared) {
  auto& script = *static_cast<Script*>(instance);
  const auto found = script.prepare.find(k_names[N]);
  return found == script.prepare.end() ? FC_OK : found->second(call, prepared);
}
template <int N>
fc_status handle(void* instance, fc_handle call, void* prepared) {
  auto& script = *static_cast<Script*>(instance);
  const auto found = script.handle.find(k_names[N]);
  return found == script.handle.end() ? FC_OK : found->second(call, prepared);
}
void finish(void* instance, void* prepared) {
  auto& script = *static_cast<Script*>(instance);
  if (script.finish) script.finish(prepared);
}

template <class Table>
void ask(const fc_host* host, const char* name, const Table*& table) {
  table = static_cast<const Table*>(host->query(host, name, sizeof(Table)));
}

thread_local Script* t_opening = nullptr;

fc_status open(const fc_host* host, void** instance) {
  Script& script = *t_opening;
  *instance = &script;
  script.host = host;
  ++script.opened;
  ask(host, FC_SERVICE_HTTP, script.http);
  ask(host, FC_SERVICE_SQL, script.sql);
  ask(host, FC_SERVICE_EVENTS, script.events);
  ask(host, FC_SERVICE_JOBS, script.jobs);
  ask(host, FC_SERVICE_ORG, script.org);
  ask(host, FC_SERVICE_CONFIG, script.config);
  ask(host, FC_SERVICE_SECRETS, script.secrets);
  ask(host, FC_SERVICE_CLOCK, script.clock);
  ask(host, FC_SERVICE_IDS, script.ids);
  ask(host, FC_SERVICE_LOG, script.log);
  ask(host, FC_SERVICE_METRICS, script.metrics);
  ask(host, FC_SERVICE_AUDIT, script.audit);
  return script.open ? script.open(host) : FC_OK;
}
fc_status drain(void* instance, int64_t) {
  ++static_cast<Script*>(instance)->drained;
  return FC_OK;
}
void close(void* instance) { ++static_cast<Script*>(instance)->closed; }

template <int N>
fc_handler handler() {
  fc_handler made{};
  made.size = sizeof(fc_handler);
  made.kind = k_kinds[N];
  made.name = k_names[N];
  // Reads and pure computations have no prepare.
  made.prepare = N == 4 || N >= 6 ? prepare<N> : nullptr;
  made.handle = handle<N>;
  made.finish = finish;
  return made;
}

PluginTable script_table() {
  PluginTable table;
  table.plugin.size = sizeof(fc_plugin);
  table.plugin.abi_major = FC_ABI_MAJOR;
  table.plugin.id = "bench";
  table.plugin.version = "1.0.0";
  table.plugin.open = open;
  table.plugin.drain = drain;
  table.plugin.close = close;
  table.handlers = {handler<0>(), handler<1>(), handler<2>(), handler<3>(),
                    handler<4>(), handler<5>(), handler<6>(), handler<7>()};
  return table;
}

std::vector<Operation> script_operations() {
  return {{"compute", Access::none, false, false},
          {"quick", Access::none, true, false},
          {"look", Access::read, false, false},
          {"change", Access::write, false, false},
          {"prepared", Access::write, false, false, true},
          {"secret", Access::write, false, true}};
}

std::vector<std::string> store_schema() {
  std::vector<std::string> statements = events::host_schema();
  for (std::string& statement : jobs::host_schema()) statements.push_back(std::move(statement));
  for (const std::string& statement : audit_outbox_schema()) statements.push_back(statement);
  return statements;
}

}  // namespace

Bench::Bench(std::string folder, uint32_t services, std::string_view schema_text) {
  storage::StoreOptions options;
  options.folder = std::move(folder);
  options.clock = &clock;
  options.host_schema = store_schema();
  store = std::move(*storage::Store::open(std::move(options)));
  std::vector<storage::OrgPair> pairs;
  for (const auto& [id, one] : tree.snapshot()->orgs()) {
    for (const std::string_view up : path_to_root(*tree.snapshot(), id))
      pairs.push_back({id, std::string(up)});
  }
  if (auto told = store->set_orgs(1, pairs); !told) throw std::runtime_error(told.error().message);
  const storage::Migration migration{
      "0001_things.sql", "CREATE TABLE thing(id TEXT PRIMARY KEY, n BIGINT NOT NULL DEFAULT 0);\n"};
  if (auto done = store->migrate({&migration, 1}); !done)
    throw std::runtime_error(done.error().message);

  config_schema = std::make_shared<config::ConfigSchema>(
      std::move(*config::ConfigSchema::compile(schema_text, "config")));
  config = std::make_shared<ConfigCell>(config::ConfigValues{});
  GenerationParts parts;
  parts.scope.id = "bench";
  parts.scope.version = "1.0.0";
  parts.scope.generation = 1;
  parts.scope.services = services;
  parts.scope.denied = [this](std::string_view what) {
    std::lock_guard lock(denied_mutex);
    denied.emplace_back(what);
  };
  parts.scope.publishes = {"bench.thing.made"};
  parts.scope.jobs = {"work"};
  parts.scope.config_schema = config_schema;
  parts.scope.config = config;
  parts.scope.secrets =
      std::make_shared<secrets::SecretBox>(secrets::Keyring(secrets::Key{7}), "bench");
  parts.scope.clock = &clock;
  parts.scope.directory = &tree;
  parts.table = script_table();
  parts.operations = script_operations();
  parts.store = store.get();
  parts.workers = &workers;
  generation = std::make_shared<Generation>(std::move(parts));
  t_opening = &script;
  if (auto opened = generation->open(); !opened) throw std::runtime_error(opened.error().message);
  if (auto started = generation->start(); !started)
    throw std::runtime_error(started.error().message);
  bridge = std::make_shared<Bridge>(generation);
}

Bench::~Bench() {
  generation->drain(5'000);
  bridge.reset();
  generation.reset();
  workers.stop();
}

std::shared_ptr<FakeExchange> Bench::exchange(std::string_view operation) {
  auto made = std::make_shared<FakeExchange>();
  made->request_.operation_id = operation;
  made->request_.method = "POST";
  made->request_.target = "/v1/bench";
  made->request_.caller = "key_1";
  made->request_.org = "store-12";
  made->request_.admitted_ms = clock.now_ms();
  made->request_.deadline_monotonic_ns = clock.monotonic_ns() + 5'000'000'000;
  return made;
}

std::shared_ptr<FakeExchange> Bench::send(std::string_view operation) {
  auto made = exchange(operation);
  bridge->handle(made);
  return made;
}

int64_t Bench::count(std::string_view statement) {
  int64_t found = -1;
  auto done = store_do([&](storage::Session& session) -> Result<void> {
    auto rows = session.query(statement);
    if (!rows) return rows.error();
    auto row = rows->next();
    if (!row) return row.error();
    if (!row->empty()) found = (*row)[0].as_integer;
    return {};
  });
  return done ? found : -2;
}

}  // namespace forecourt::plugin::test
