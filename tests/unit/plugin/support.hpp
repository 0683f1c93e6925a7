#pragma once

#include <forecourt/forecourt.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/worker_pool.hpp"
#include "events/schema.hpp"
#include "jobs/schema.hpp"
#include "org/snapshot_builder.hpp"
#include "plugin/audit_outbox.hpp"
#include "plugin/bridge.hpp"
#include "plugin/generation.hpp"

namespace forecourt::plugin::test {

/// group > brand > store-12, store-13.
class Tree final : public org::Directory {
 public:
  Tree() { set(1); }
  void set(int64_t version) {
    org::SnapshotBuilder builder;
    builder.add({"group", "", "group", "Group", "Asia/Shanghai"});
    builder.add({"brand", "group", "brand", "Brand", ""});
    builder.add({"store-12", "brand", "store", "Store 12", "Asia/Urumqi"});
    builder.add({"store-13", "brand", "store", "Store 13", ""});
    auto built = builder.build(version);
    std::lock_guard lock(mutex_);
    snapshot_ = std::move(built);
  }
  std::shared_ptr<const org::Snapshot> snapshot() const override {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const org::Snapshot> snapshot_;
};

/// A request and the place where its answer arrives.
class FakeExchange final : public http::Exchange {
 public:
  const http::Request& request() const override { return request_; }
  void answer(http::Response response) override {
    std::lock_guard lock(mutex_);
    ++answers_;
    response_ = std::move(response);
    answered_.notify_all();
  }
  bool abandoned() const override { return abandoned_; }

  /// The answer; status 0 when none came in time.
  http::Response wait() {
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, std::chrono::seconds(20), [this] { return response_.has_value(); });
    return response_ ? *response_ : none();
  }
  int answers() const {
    std::lock_guard lock(mutex_);
    return answers_;
  }
  void abandon() { abandoned_ = true; }

  http::Request request_;

 private:
  static http::Response none() {
    http::Response response;
    response.status = 0;
    return response;
  }
  mutable std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<http::Response> response_;
  int answers_ = 0;
  std::atomic<bool> abandoned_{false};
};

inline fc_view view(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string text(const fc_view& value) {
  return {reinterpret_cast<const char*>(value.p), value.n};
}

/// The functions a test gives a plugin, by handler name.
struct Script {
  using Prepare = std::function<fc_status(fc_handle, void**)>;
  using Handle = std::function<fc_status(fc_handle, void*)>;
  std::map<std::string, Prepare> prepare;
  std::map<std::string, Handle> handle;
  std::function<void(void*)> finish;
  std::function<fc_status(const fc_host*)> open;
  int opened = 0;
  int drained = 0;
  int closed = 0;

  // The tables the host gave at open; null when not granted.
  const fc_host* host = nullptr;
  const fc_http_1* http = nullptr;
  const fc_sql_1* sql = nullptr;
  const fc_events_1* events = nullptr;
  const fc_jobs_1* jobs = nullptr;
  const fc_org_1* org = nullptr;
  const fc_config_1* config = nullptr;
  const fc_secrets_1* secrets = nullptr;
  const fc_clock_1* clock = nullptr;
  const fc_ids_1* ids = nullptr;
  const fc_log_1* log = nullptr;
  const fc_metrics_1* metrics = nullptr;
  const fc_audit_1* audit = nullptr;

  fc_status reply(fc_handle call, int status, std::string_view body) const {
    const fc_view type = view("text/plain");
    const fc_view bytes = view(body);
    return http->reply(call, status, &type, &bytes);
  }
  fc_status execute(fc_handle call, std::string_view statement,
                    std::vector<fc_sql_value> values = {}) const {
    const fc_view text = view(statement);
    return sql->execute(call, &text, values.data(), static_cast<uint32_t>(values.size()), nullptr);
  }
  /// The first column of the first row, as an integer; -1 without a row, -2 on failure.
  int64_t number(fc_handle call, std::string_view statement) const {
    const fc_view text = view(statement);
    fc_handle rows = 0;
    if (sql->query(call, &text, nullptr, 0, &rows) != FC_OK) return -2;
    const fc_sql_value* values = nullptr;
    uint32_t count = 0;
    if (sql->next(rows, &values, &count) != FC_ROW) return -1;
    return values[0].integer;
  }
};

/// A generation whose code is a Script: what the library does to a real one is left out.
class Bench {
 public:
  static constexpr uint32_t k_all = (1u << std::size(config::k_services)) - 1;

  /// `folder` empty: a database in memory.
  explicit Bench(std::string folder = {}, uint32_t services = k_all,
                 std::string_view config_schema = {});
  ~Bench();

  std::shared_ptr<FakeExchange> exchange(std::string_view operation);
  std::shared_ptr<FakeExchange> send(std::string_view operation);
  http::Response call(std::string_view operation) { return send(operation)->wait(); }
  Result<void> store_do(std::function<Result<void>(storage::Session&)> work) {
    return store->lane().run_now(std::move(work));
  }
  int64_t count(std::string_view statement);

  std::mutex denied_mutex;
  std::vector<std::string> denied;  ///< guarded by denied_mutex while calls run
  ManualClock clock;
  Tree tree;
  Script script;
  WorkerPool workers{2, 64};
  std::shared_ptr<storage::Store> store;
  std::shared_ptr<ConfigCell> config;
  std::shared_ptr<const config::ConfigSchema> config_schema;
  std::shared_ptr<Generation> generation;
  std::shared_ptr<Bridge> bridge;
};

/// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = std::filesystem::temp_directory_path() / "forecourt-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

}  // namespace forecourt::plugin::test
