#pragma once

#include "config/document.hpp"
#include "plugin/registry.hpp"
#include "support.hpp"

namespace forecourt::plugin::test {

inline std::string fixture(const std::string& name) {
  return FORECOURT_BINARY_DIR "/fixtures/" + name;
}

inline config::Manifest manifest_for(const std::string& bundle, const std::string& id) {
  config::Manifest manifest;
  manifest.source = "manifests/" + id + ".json";
  manifest.plugin = id;
  manifest.path = fixture(bundle);
  manifest.grants.services = {"fc.http/1", "fc.sql/1", "fc.events/1", "fc.config/1"};
  return manifest;
}
/// wrong_abi → the plugin "wrong-abi"
inline config::Manifest manifest_for(std::string name) {
  std::string id = name;
  std::replace(id.begin(), id.end(), '_', '-');
  return manifest_for(name, id);
}

/// What the gateway would serve.
class FakeServices final : public http::Services {
 public:
  Result<void> publish(std::vector<http::Service> services) override {
    std::lock_guard lock(mutex_);
    if (!refuse_.empty()) return invalid(refuse_);
    services_ = std::move(services);
    return {};
  }
  std::optional<http::Service> find(std::string_view id) const {
    std::lock_guard lock(mutex_);
    for (const http::Service& service : services_) {
      if (service.id == id) return service;
    }
    return std::nullopt;
  }
  void refuse(std::string why) {
    std::lock_guard lock(mutex_);
    refuse_ = std::move(why);
  }

 private:
  mutable std::mutex mutex_;
  std::vector<http::Service> services_;
  std::string refuse_;
};

/// A registry over a data folder, and requests for what it serves.
class Site {
 public:
  explicit Site(const std::string& data_folder, bool probe = true)
      : registry(parts(data_folder, probe)) {}

  PluginInfo info(const std::string& id) const {
    for (const PluginInfo& one : registry.plugins()) {
      if (one.id == id) return one;
    }
    return {};
  }

  std::shared_ptr<FakeExchange> send(const std::string& id, const std::string& operation = "run") {
    auto exchange = std::make_shared<FakeExchange>();
    exchange->request_.operation_id = operation;
    exchange->request_.caller = "key_1";
    exchange->request_.org = "store-12";
    exchange->request_.admitted_ms = clock.now_ms();
    exchange->request_.deadline_monotonic_ns = clock.monotonic_ns() + timeout_ms * 1'000'000;
    const auto service = services.find(id);
    if (service && service->handler) {
      service->handler->handle(exchange);
    } else {
      exchange->answer(
          http::problem(503, "plugin-unavailable", service ? service->unavailable : "unknown"));
    }
    return exchange;
  }
  http::Response call(const std::string& id) { return send(id)->wait(); }

  int64_t rows(const std::string& id) {
    int64_t count = -1;
    auto done = registry.store(id)->lane().run_now([&](storage::Session& session) -> Result<void> {
      auto found = session.query("SELECT count(*) FROM thing");
      if (!found) return found.error();
      auto row = found->next();
      if (!row) return row.error();
      count = (*row)[0].as_integer;
      return {};
    });
    return done ? count : -2;
  }

  int64_t timeout_ms = 5'000;
  SystemClock clock;
  Tree tree;
  FakeServices services;
  WorkerPool workers{2, 64};
  events::Dispatcher dispatcher{clock, workers};
  jobs::Scheduler scheduler{clock, workers};
  std::string refused_openapi;
  Registry registry;

 private:
  RegistryParts parts(const std::string& data_folder, bool probe) {
    RegistryParts made;
    made.data_folder = data_folder;
    if (probe) made.probe_command = {FORECOURT_BINARY_DIR "/tests/unit/plugin/plugin_probe"};
    made.probe_timeout_ms = 20'000;
    made.drain_timeout_ms = 10'000;
    made.clock = &clock;
    made.workers = &workers;
    made.services = &services;
    made.directory = &tree;
    made.dispatcher = &dispatcher;
    made.scheduler = &scheduler;
    made.check_openapi = [this](const std::string&, const std::string&,
                                const std::string&) -> Result<void> {
      if (!refused_openapi.empty()) return invalid(refused_openapi);
      return {};
    };
    return made;
  }
};

}  // namespace forecourt::plugin::test
