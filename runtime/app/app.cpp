#include "app/app.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <thread>

#include "app/health.hpp"
#include "app/housekeeper.hpp"
#include "app/service_manager.hpp"
#include "app/service_set.hpp"
#include "base/clock.hpp"
#include "base/json_text.hpp"
#include "base/log.hpp"
#include "base/worker_pool.hpp"
#include "cli/data_lock.hpp"
#include "cli/version.hpp"
#include "gateway/admin/admin.hpp"
#include "gateway/admin/backups.hpp"
#include "gateway/openapi.hpp"
#include "gateway/server.hpp"
#include "gateway/tls.hpp"
#include "gateway/tokens/token_verifier.hpp"
#include "isolation/isolator.hpp"
#include "org/audit.hpp"
#include "org/bootstrap.hpp"
#include "org/secret_keys.hpp"
#include "org/tree.hpp"
#include "secrets/key_source.hpp"
#include "stream/feed.hpp"
#include "webhooks/sealer.hpp"

namespace forecourt::app {
namespace {

constexpr size_t k_worker_queue_max = 4096;

size_t worker_count(const cli::Settings& settings) {
  if (settings.workers != 0) return settings.workers;
  return std::max<size_t>(8, 4 * std::thread::hardware_concurrency());
}

std::string program_path() {
  std::error_code failure;
  return std::filesystem::read_symlink("/proc/self/exe", failure).string();
}

std::string assets_folder(const cli::Settings& settings) {
  if (!settings.docs_assets.empty()) return settings.docs_assets;
  return (std::filesystem::path(program_path()).parent_path() /
          "assets/node_modules/swagger-ui-dist")
      .string();
}

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

/// Where to reach, from this machine, what listens on `address`.
std::string reachable(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "::1";
  return address;
}

}  // namespace

struct App::Impl {
  explicit Impl(const cli::Settings& given) : settings(given) {}

  const cli::Settings settings;
  const SystemClock clock;
  std::optional<cli::DataLock> lock;
  std::optional<secrets::Keyring> secrets_keys;
  std::unique_ptr<storage::Store> store;
  std::unique_ptr<org::HostDirectory> directory;
  org::AdminKey admin_key;
  std::unique_ptr<WorkerPool> workers;
  std::unique_ptr<events::Dispatcher> dispatcher;
  std::unique_ptr<jobs::Scheduler> scheduler;
  std::unique_ptr<webhooks::Webhooks> webhooks;
  std::unique_ptr<Health> health;  // set once the registry is; the server asks for it
  std::unique_ptr<gateway::TokenVerifier> tokens;
  std::unique_ptr<gateway::TlsContext> tls;
  std::unique_ptr<gateway::Server> server;
  std::unique_ptr<ServiceSet> services;
  std::unique_ptr<isolation::PluginUsers> plugin_users;  // while the host is root
  std::unique_ptr<isolation::CallAudit> call_audit;
  std::unique_ptr<isolation::Isolator> isolator;
  std::unique_ptr<plugin::Registry> registry;
  std::unique_ptr<admin::Site> site;
  std::unique_ptr<admin::Backups> backups;
  std::shared_ptr<admin::Admin> admin;
  std::shared_ptr<stream::Feed> feed;
  std::unique_ptr<Housekeeper> housekeeper;
  const ServiceManager service_manager{cli::process_environment("NOTIFY_SOCKET").value_or("")};
  bool stopped = false;

  Result<void> open_data();
  Result<void> open_credentials();
  void renew_credentials(bool all);
  void renew_certificate();
  std::string scheme() const { return tls ? "https://" : "http://"; }
  Result<void> make_parts();
  Result<void> reseal_webhooks(const webhooks::Sealer& sealer);
  Result<void> open_webhooks();
  Result<void> make_isolator();
  void note_denial(const std::string& plugin, const std::string& what);
  void look_at_sources(const std::function<void(const stream::Feed::Sources&)>& work);
  void publish_own_services();
  Result<void> go();
  void stop(std::atomic<const char*>* step);
};

Result<void> App::Impl::open_data() {
  auto taken = cli::DataLock::take(settings.data);
  if (!taken) return taken.error();
  lock.emplace(std::move(*taken));

  auto keys = secrets::load_keys(settings.secrets_source());
  if (!keys) return keys.error();
  secrets_keys.emplace(std::move(*keys));

  storage::StoreOptions options;
  options.folder = settings.data_path("host");
  options.clock = &clock;
  auto opened = storage::Store::open(std::move(options));
  if (!opened) return opened.error();
  store = std::move(*opened);

  auto loaded = org::HostDirectory::open(*store, clock);
  if (!loaded) return loaded.error();
  directory = std::move(*loaded);
  if (auto noted = org::note_secret_keys(*directory, secrets_keys->ids()); !noted) return noted;

  auto ensured =
      org::ensure_admin_key(*directory, settings.admin_key, settings.data_path("admin.key"));
  if (!ensured) return ensured.error();
  admin_key = std::move(*ensured);
  return {};
}

Result<void> App::Impl::open_credentials() {
  if (!settings.tls_certificate.empty()) {
    auto context = gateway::TlsContext::open(settings.tls_certificate, settings.tls_key);
    if (!context) return context.error();
    tls = std::move(*context);
  }
  if (settings.token_issuers.empty()) return {};
  auto verifier = gateway::TokenVerifier::open(settings.token_issuers);
  if (!verifier) return verifier.error();
  tokens = std::move(*verifier);
  return {};
}

/// What a file says anew holds from the next request on; what is broken in it is told, and what was
/// read before stays in force. `all`: whether or not the files look changed.
void App::Impl::renew_credentials(bool all) {
  if (!tokens) return;
  auto renewed = all ? tokens->reload() : Result<void>();
  bool done = all;
  if (!all) {
    auto changed = tokens->reload_if_changed();
    if (!changed) renewed = changed.error();
    done = changed.ok() && *changed;
  }
  if (!renewed) {
    log::error("app", "the issuers of tokens were not read anew, the former ones stay",
               {{"reason", renewed.error().message}});
  } else if (done) {
    log::info("app", "the issuers of tokens were read anew");
  }
}

void App::Impl::renew_certificate() {
  if (!tls) return;
  if (auto renewed = tls->reload(); !renewed) {
    log::error("app", "the certificate was not read anew, the former one stays",
               {{"reason", renewed.error().message}});
  } else {
    log::info("app", "the certificate was read anew");
  }
}

Result<void> App::Impl::make_parts() {
  workers = std::make_unique<WorkerPool>(worker_count(settings), k_worker_queue_max);
  dispatcher = std::make_unique<events::Dispatcher>(clock, *workers);
  scheduler = std::make_unique<jobs::Scheduler>(clock, *workers);
  if (auto opened = open_webhooks(); !opened) return opened;

  gateway::ServerOptions options;
  options.listen = bracketed(settings.listen_address) + ":" + std::to_string(settings.listen_port);
  options.limits.connections = settings.connections;
  options.limits.rate_per_s = static_cast<double>(settings.rate_per_s);
  options.limits.rate_burst = static_cast<double>(settings.rate_burst);
  options.clock = &clock;
  options.directory = directory.get();
  options.spool_folder = settings.data_path("spool");
  options.assets_folder = assets_folder(settings);
  options.access_log = settings.access_log;
  options.tokens = tokens.get();
  options.tls = tls.get();
  // The settings were read with the same rules: there is no error left.
  if (auto proxies = gateway::parse_networks(settings.trusted_proxies))
    options.trusted_proxies = std::move(*proxies);
  options.readiness = [this] { return health->unready(); };
  options.more_metrics = [this] { return health->metrics() + plugin::render_plugin_metrics(); };
  server = std::make_unique<gateway::Server>(std::move(options));
  services = std::make_unique<ServiceSet>(*server);

  if (auto made = make_isolator(); !made) return made;
  plugin::RegistryParts parts;
  parts.data_folder = settings.data;
  parts.probe_command = {program_path(), "plugin-probe"};
  parts.drain_timeout_ms = settings.grace_ms;
  parts.secrets_keys = *secrets_keys;
  parts.clock = &clock;
  parts.workers = workers.get();
  parts.services = services.get();
  parts.directory = directory.get();
  parts.dispatcher = dispatcher.get();
  parts.scheduler = scheduler.get();
  parts.isolation = isolator.get();
  parts.denied = [this](const std::string& plugin, const std::string& what) {
    note_denial(plugin, what);
  };
  parts.check_openapi = gateway::check_openapi;
  registry = std::make_unique<plugin::Registry>(std::move(parts));

  health = std::make_unique<Health>(*store, *registry, *dispatcher, *webhooks);
  site = std::make_unique<admin::Site>(*directory, *registry, settings.manifests);
  backups = std::make_unique<admin::Backups>(*site, *registry, *directory, webhooks->store(),
                                             settings.secrets_source(), cli::k_version);
  admin = std::make_shared<admin::Admin>(admin::Parts{*directory, *registry, *site, *dispatcher,
                                                      *scheduler, *workers, *webhooks, *backups});
  stream::Feed::Parts stream;
  stream.clock = &clock;
  stream.directory = directory.get();
  stream.look = [this](const auto& work) { look_at_sources(work); };
  feed = std::make_shared<stream::Feed>(std::move(stream));
  return {};
}

Result<void> App::Impl::make_isolator() {
  call_audit = std::make_unique<isolation::CallAudit>(
      [this](const org::HostDirectory::Work& work) { return directory->write(work); });
  if (auto recovered = call_audit->recover(); !recovered) return recovered;
  isolation::Isolator::Parts parts;
  parts.clock = &clock;
  parts.workers = workers.get();
  parts.directory = directory.get();
  parts.dispatcher = dispatcher.get();
  parts.scheduler = scheduler.get();
  parts.secrets_keys = &*secrets_keys;
  if (::geteuid() == 0) {
    plugin_users = std::make_unique<isolation::PluginUsers>(
        settings.data, settings.isolation_uid_first, settings.isolation_uid_last);
    parts.users = plugin_users.get();
  }
  parts.denied = [this](const std::string& plugin, const std::string& what) {
    note_denial(plugin, what);
  };
  parts.call_audit = call_audit.get();
  isolator = std::make_unique<isolation::Isolator>(std::move(parts));
  return {};
}

void App::Impl::note_denial(const std::string& plugin, const std::string& what) {
  const std::string detail = "{\"what\":" + json_string(what) + "}";
  auto chained = directory->write([&](storage::Session& session, const org::Snapshot&) {
    return org::append_audit(session, {clock.now_ms(), "host", std::string(org::k_root),
                                       "plugin.denied", plugin, detail});
  });
  if (!chained)
    log::error("app", "a denial could not be noted", {{"reason", chained.error().message}});
}

void App::Impl::look_at_sources(const std::function<void(const stream::Feed::Sources&)>& work) {
  site->look([&] {
    stream::Feed::Sources sources;
    for (const plugin::PluginInfo& info : registry->plugins()) {
      std::shared_ptr<events::Source> source = dispatcher->source(info.id);
      storage::Store* const opened = source ? nullptr : registry->store(info.id);
      if (opened) source = std::make_shared<events::StoreSource>(*opened);
      if (source) sources.emplace_back(info.id, std::move(source));
    }
    work(sources);
  });
}

/// After a rotation: the former key is then no longer needed for these.
Result<void> App::Impl::reseal_webhooks(const webhooks::Sealer& sealer) {
  return directory->write([&](storage::Session& session, const org::Snapshot&) -> Result<void> {
    auto changed = webhooks::reseal(session, sealer);
    if (!changed) return changed.error();
    if (*changed == 0) return {};
    log::info("app", "secrets of webhooks were sealed anew under the newest key",
              {{"webhooks", std::to_string(*changed)}});
    return {};
  });
}

Result<void> App::Impl::open_webhooks() {
  webhooks::Webhooks::Parts parts;
  parts.folder = settings.data_path("webhooks");
  parts.clock = &clock;
  parts.directory = directory.get();
  parts.dispatcher = dispatcher.get();
  parts.sealer = webhooks::make_sealer(*secrets_keys);
  if (auto resealed = reseal_webhooks(parts.sealer); !resealed) return resealed;
  parts.terms.reach = settings.webhooks_reach;
  parts.terms.authorities = settings.webhooks_authorities;
  auto opened = webhooks::Webhooks::open(std::move(parts));
  if (!opened) return opened.error();
  webhooks = std::move(*opened);
  return {};
}

void App::Impl::publish_own_services() {
  services->add([this] { return std::vector{admin::admin_service(admin)}; });
  services->add([this] { return std::vector{stream::feed_service(feed)}; });
  // A manifest that cannot be read leaves its plugin's routes answering 503, not 404.
  services->add([this] { return site->unavailable_services(); });
  site->on_unavailable_changed([this] {
    if (auto published = services->refresh(); !published) {
      log::error("app", "the routes could not be renewed", {{"reason", published.error().message}});
    }
  });
}

Result<void> App::Impl::go() {
  if (auto opened = open_data(); !opened) return opened;
  if (auto opened = open_credentials(); !opened) return opened;
  if (auto made = make_parts(); !made) return made;
  publish_own_services();
  if (auto started = site->start(); !started) return started;
  if (auto published = services->refresh(); !published) return published;
  if (auto sending = webhooks->start(); !sending) return sending;
  if (auto serving = server->start(); !serving) return serving;
  const std::string reached = (tls ? scheme() : "") +
                              bracketed(reachable(settings.listen_address)) + ":" +
                              std::to_string(server->port());
  if (auto noted = lock->note_address(reached); !noted) return noted;
  housekeeper = std::make_unique<Housekeeper>([this] {
    server->ping([this] { service_manager.alive(); });
    site->look([this] { health->refresh(); });
    site->housekeep();
    webhooks->housekeep();
    renew_credentials(false);
  });
  service_manager.ready();
  return {};
}

void App::Impl::stop(std::atomic<const char*>* step) {
  if (stopped) return;
  stopped = true;
  service_manager.stopping();
  const auto now = [step](const char* part) {
    if (step) step->store(part);
  };
  now("requests in flight");
  if (server && !server->drain(settings.grace_ms)) {
    log::warn("app", "requests were still running after the grace period");
  }
  now("the server");
  if (server) server->stop();
  now("the stream of events");
  if (feed) feed->stop();
  now("a backup");
  if (backups) backups->stop();
  now("the housekeeper");
  housekeeper.reset();
  if (site) site->housekeep();
  now("event delivery");
  if (dispatcher) dispatcher->stop();
  now("jobs");
  if (scheduler) scheduler->stop();
  now("webhooks");
  if (webhooks) webhooks->stop();
  now("the plugins");
  if (registry) registry->stop();
  now("the workers");
  if (workers) workers->stop();
  now("the host store");
}

App::App(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
App::~App() { impl_->stop(nullptr); }

Result<std::unique_ptr<App>> App::start(const cli::Settings& settings) {
  std::unique_ptr<App> app(new App(std::make_unique<Impl>(settings)));
  if (auto started = app->impl_->go(); !started) return started.error();
  return app;
}

std::string App::url() const {
  return impl_->scheme() + bracketed(reachable(impl_->settings.listen_address)) + ":" +
         std::to_string(impl_->server->port());
}

const std::string& App::generated_admin_key() const { return impl_->admin_key.generated; }

std::vector<plugin::PluginInfo> App::plugins() const { return impl_->site->plugins(); }

void App::reload() {
  impl_->renew_certificate();
  impl_->renew_credentials(true);
}

void App::stop(std::atomic<const char*>* step) { impl_->stop(step); }

}  // namespace forecourt::app
