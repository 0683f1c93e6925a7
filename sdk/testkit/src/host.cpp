#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <forecourt/testkit/testkit.hpp>
#include <future>
#include <map>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/worker_pool.hpp"
#include "directory.hpp"
#include "events/schema.hpp"
#include "gateway/openapi.hpp"
#include "gateway/pipeline.hpp"
#include "isolation/isolator.hpp"
#include "isolation/shared_clock.hpp"
#include "manifest.hpp"
#include "plugin/registry.hpp"
#include "raise.hpp"
#include "recorder.hpp"
#include "scratch_folder.hpp"
#include "storage/closed_store.hpp"

namespace fc::testkit {
namespace {

using forecourt::Result;
namespace storage = forecourt::storage;

constexpr int64_t k_patience_ms = 30'000;

/// Plugins with a process of their own live in it too.
class TestClock final : public Clock {
 public:
  TestClock()
      : shared(value_of(forecourt::isolation::SharedClock::make(), "the clock of the testkit")) {
    shared->set(clock.now_ms(), clock.monotonic_ns());
  }
  int64_t now_ms() const override { return clock.now_ms(); }
  void advance_ms(int64_t ms) override {
    clock.advance_ms(ms);
    shared->set(clock.now_ms(), clock.monotonic_ns());
  }
  forecourt::ManualClock clock;
  std::unique_ptr<forecourt::isolation::SharedClock> shared;
};

/// FORECOURT_TEST_MODE=isolated runs the plugins in processes of their own: FORECOURT_PROGRAM says
/// what program those are of.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// Why a call was answered 500 is said in the log: errors show, more with FORECOURT_LOG_LEVEL.
void start_log() {
  static const bool started = [] {
    using forecourt::log::Level;
    static const std::map<std::string, Level> k_levels = {
        {"debug", Level::debug}, {"info", Level::info}, {"warn", Level::warn}, {"off", Level::off}};
    const char* wanted = std::getenv("FORECOURT_LOG_LEVEL");
    const auto found = k_levels.find(wanted ? wanted : "");
    forecourt::log::start(found == k_levels.end() ? Level::error : found->second);
    std::atexit(forecourt::log::stop);
    return true;
  }();
  static_cast<void>(started);
}

std::string publisher_of(const std::string& type) { return type.substr(0, type.find('.')); }

Json json_of(const storage::Value& value) {
  switch (value.type) {
    case storage::Value::integer: return Json(value.as_integer);
    case storage::Value::real: return Json(value.as_real);
    case storage::Value::text:
    case storage::Value::blob: return Json(value.bytes());
    default: return Json();
  }
}

}  // namespace

/// The parts of the real host, in the order they start; destroyed in reverse.
struct Host::Impl {
  Impl()
      : directory(clock.clock),
        workers(2, 1024),
        dispatcher(clock.clock, workers),
        scheduler(clock.clock, workers),
        pipeline({.limits = {},
                  .clock = &clock.clock,
                  .directory = &directory.directory(),
                  .spool_folder = scratch.path(),
                  .host = {},
                  .access_log = false}),
        recorder(dispatcher, clock.clock),
        isolator(isolator_parts()),
        registry(registry_parts()) {}
  ~Impl() {
    registry.stop();
    for (const auto& [id, store] : publishers) dispatcher.detach(id);
  }

  forecourt::plugin::RegistryParts registry_parts() {
    forecourt::plugin::RegistryParts parts;
    parts.data_folder = scratch.path();
    parts.stores_in_memory = true;
    parts.clock = &clock.clock;
    parts.workers = &workers;
    parts.services = &pipeline;
    parts.directory = &directory.directory();
    parts.dispatcher = &dispatcher;
    parts.scheduler = &scheduler;
    parts.isolation = &isolator;
    parts.check_openapi = forecourt::gateway::check_openapi;
    return parts;
  }
  forecourt::isolation::Isolator::Parts isolator_parts() {
    forecourt::isolation::Isolator::Parts parts;
    parts.program = environment("FORECOURT_PROGRAM");
    parts.clock = &clock.clock;
    parts.shared_clock = clock.shared->descriptor();
    parts.workers = &workers;
    parts.directory = &directory.directory();
    parts.dispatcher = &dispatcher;
    parts.scheduler = &scheduler;
    parts.secrets_keys = &secrets_keys;
    return parts;
  }

  /// `id`, or the first plugin's.
  const std::string& plugin(const std::string& id) const {
    if (!id.empty()) return id;
    if (plugins.empty()) throw std::runtime_error("the host has no plugin");
    return plugins.front();
  }
  storage::Store& store(const std::string& id) const {
    storage::Store* found = registry.store(plugin(id));
    if (!found) throw std::runtime_error("the host has no plugin " + id);
    return *found;
  }

  /// The store that events of `id` are published from: its own, or one that stands for a plugin
  /// this host does not have.
  storage::Store& publisher(const std::string& id) {
    if (storage::Store* loaded = registry.store(id)) return *loaded;
    if (std::find(plugins.begin(), plugins.end(), id) != plugins.end())
      throw std::runtime_error("publish_event cannot speak for " + id + ", which runs isolated");
    auto& stand_in = publishers[id];
    if (!stand_in) {
      storage::StoreOptions options;
      options.clock = &clock.clock;
      options.host_schema = forecourt::events::host_schema();
      stand_in = value_of(storage::Store::open(options), id);
      dispatcher.attach_publisher(id, stand_in.get());
    }
    return *stand_in;
  }

  void deliver() {
    for (const std::string& id : plugins) dispatcher.notify(id);
    for (const auto& [id, store] : publishers) dispatcher.notify(id);
    if (!dispatcher.drain(k_patience_ms)) give_up("events");
  }
  void run_jobs() {
    for (const std::string& id : plugins) scheduler.notify(id);
    if (!scheduler.drain(k_patience_ms)) give_up("jobs");
  }
  [[noreturn]] static void give_up(const char* what) {
    throw std::runtime_error(std::string(what) + " did not come to an end within 30 seconds");
  }

  /// Until nothing that was released waits: an event may plan a job, and a job publish an event.
  void settle() {
    deliver();
    for (;;) {
      const size_t told = recorder.events().size();
      run_jobs();
      deliver();
      if (recorder.events().size() == told) return;
    }
  }

  ScratchFolder scratch;
  TestClock clock;
  TestDirectory directory;
  forecourt::WorkerPool workers;
  forecourt::events::Dispatcher dispatcher;
  forecourt::jobs::Scheduler scheduler;
  forecourt::gateway::Pipeline pipeline;
  Recorder recorder;
  std::map<std::string, std::unique_ptr<storage::Store>> publishers;  // stand-ins, by id
  const forecourt::secrets::Keyring secrets_keys{forecourt::secrets::Key{}};
  forecourt::isolation::Isolator isolator;
  forecourt::plugin::Registry registry;
  std::vector<std::string> plugins;
};

Host::Host() {
  start_log();
  impl_ = std::make_unique<Impl>();
}

Host::Host(Plugin plugin) : Host() { add(std::move(plugin)); }

Host::~Host() = default;

void Host::add(Plugin plugin) {
  const auto descriptor =
      value_of(forecourt::config::load_descriptor(plugin.bundle + "/plugin.json"), plugin.bundle);
  if (impl_->publishers.contains(descriptor.id)) {
    throw std::runtime_error("publish_event has spoken for " + descriptor.id +
                             " already: add the plugin first");
  }
  impl_->recorder.listen(descriptor.publishes);
  must(impl_->registry.apply(manifest_of(plugin, descriptor), forecourt::plugin::Cause::admin),
       plugin.bundle);
  auto& known = impl_->plugins;
  if (std::find(known.begin(), known.end(), descriptor.id) == known.end()) {
    known.push_back(descriptor.id);
  }
}

void Host::add_org(const std::string& id, const std::string& kind, const std::string& parent) {
  impl_->directory.add_org(id, kind, parent);
  must(impl_->registry.directory_changed(), "add_org(" + id + ")");
}

void Host::set_config(const std::string& org, const std::string& values,
                      const std::string& plugin) {
  const auto document = value_of(forecourt::json::parse(values), "set_config");
  const std::string& id = impl_->plugin(plugin);
  value_of(impl_->registry.set_config(id, org, document), "set_config(" + org + ")");
}

Response Host::call(const std::string& method, const std::string& target, const std::string& body,
                    const CallOptions& options) {
  auto headers = options.headers;
  const auto has = [&headers](std::string_view name) {
    return !Response{0, headers, ""}.header(name).empty();
  };
  if (!has("host")) headers.emplace_back("Host", "testkit");
  if (!body.empty() && !has("content-type")) {
    headers.emplace_back("Content-Type", "application/json");
  }
  if (!options.scopes.empty()) {
    headers.emplace_back("Authorization",
                         "Bearer " + impl_->directory.credential(options.org, options.scopes));
  }
  // Shared: an answer that comes too late still has a place to go.
  const auto promise = std::make_shared<std::promise<forecourt::http::Response>>();
  auto answered = promise->get_future();
  impl_->pipeline.call(
      method, target, std::move(headers), body,
      [promise](forecourt::http::Response given) { promise->set_value(std::move(given)); });
  if (answered.wait_for(std::chrono::milliseconds(k_patience_ms)) != std::future_status::ready) {
    throw std::runtime_error(method + " " + target + " was not answered within 30 seconds");
  }
  forecourt::http::Response answer = answered.get();
  impl_->settle();

  Response response{answer.status, std::move(answer.headers), std::move(answer.body)};
  if (!answer.media_type.empty()) {
    response.headers.emplace_back("Content-Type", std::move(answer.media_type));
  }
  return response;
}

void Host::publish_event(const std::string& type, const std::string& data, const std::string& org,
                         const std::string& subject) {
  forecourt::events::Event event;
  event.id = forecourt::new_id("evt", impl_->clock.now_ms());
  event.type = type;
  event.source = publisher_of(type);
  event.subject = subject;
  event.org = org;
  event.time_ms = impl_->clock.now_ms();
  event.data = value_of(forecourt::json::parse(data), "publish_event").IsNull() ? "null" : data;
  impl_->recorder.listen({type});
  must(impl_->publisher(event.source).lane().run_now([&event](storage::Session& session) {
    return forecourt::events::publish(session, event);
  }),
       "publish_event(" + type + ")");
  impl_->settle();
}

std::vector<Event> Host::events() {
  impl_->settle();
  return impl_->recorder.events();
}

Clock& Host::clock() { return impl_->clock; }

void Host::run_due_jobs() {
  impl_->dispatcher.poll();
  impl_->scheduler.poll();
  impl_->settle();
}

std::vector<std::string> Host::parked() {
  std::vector<std::string> lines;
  for (const std::string& id : impl_->plugins) {
    for (const auto& event : value_of(impl_->dispatcher.parked(id), id)) {
      lines.push_back(id + ": event " + event.type + " " + event.subject + ": " + event.reason);
    }
    for (const auto& job : value_of(impl_->scheduler.parked(id), id)) {
      lines.push_back(id + ": job " + job.kind + " " + job.key + ": " + job.reason);
    }
  }
  return lines;
}

std::vector<std::vector<Json>> Host::query(const std::string& sql, const std::string& plugin) {
  std::vector<std::vector<Json>> found;
  const auto read = [&](storage::Session& session) -> Result<void> {
    auto rows = session.query(sql);
    if (!rows) return rows.error();
    for (;;) {
      auto row = rows->next();
      if (!row) return row.error();
      if (row->empty()) return {};
      auto& values = found.emplace_back();
      for (const storage::Value& value : *row) values.push_back(json_of(value));
    }
  };
  const std::string& id = impl_->plugin(plugin);
  if (impl_->registry.data(id) && !impl_->registry.store(id)) {
    auto beside = storage::ClosedStore::open(impl_->scratch.path() + "/plugins/" + id,
                                             storage::ClosedStore::Kind::open);
    must(value_of(std::move(beside), id)->read(read), "query");
    return found;
  }
  const int64_t deadline_ns = impl_->clock.clock.monotonic_ns() + k_patience_ms * 1'000'000;
  must(impl_->store(plugin).read(deadline_ns, read), "query");
  return found;
}

}  // namespace fc::testkit
