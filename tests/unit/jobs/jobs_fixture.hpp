#pragma once

#include <utility>

#include "jobs/scheduler.hpp"
#include "jobs/schema.hpp"
#include "unit/events/events_fixture.hpp"

namespace forecourt::jobs::test {

using events::collect;
using events::string;
using events::text;
using events::test::eventually;
using events::test::Gate;
using events::test::k_patience_ms;
using events::test::TempFolder;
using storage::Session;
using storage::Store;
using Names = std::vector<std::string>;

inline constexpr int64_t k_ten_years_ms = 10ll * 365 * 86'400'000;

/// Writes each job it runs into the table `ran`; a test adds what goes wrong.
class Recorder : public Runner {
 public:
  std::function<Result<void>(const Job&)> on_prepare;
  std::function<Result<void>(Session&, const Job&)> on_handle;
  std::atomic<int> handled{0};  // runs, not effects

  Result<std::unique_ptr<events::Prepared>> prepare(const Job& job) override {
    if (on_prepare) {
      Result<void> prepared = on_prepare(job);
      if (!prepared) return std::move(prepared).error();
    }
    return std::unique_ptr<events::Prepared>();
  }
  Result<void> handle(Session& session, const Job& job, events::Prepared*) override {
    ++handled;
    Result<int64_t> written = session.execute("INSERT INTO ran(name, payload) VALUES($1, $2)",
                                              {text(job.kind + "/" + job.key), text(job.payload)});
    if (!written) return std::move(written).error();
    if (on_handle) return on_handle(session, job);
    return {};
  }
};

class Jobs : public ::testing::Test {
 protected:
  /// Before what a fixture derived from this one has: runners may look at it until then.
  void TearDown() override {
    if (scheduler) scheduler->stop();
  }

  static std::unique_ptr<Store> open(const std::string& folder, const Clock& clock) {
    storage::StoreOptions options;
    options.folder = folder;
    options.clock = &clock;
    options.host_schema = events::host_schema();
    for (std::string& sql : host_schema()) options.host_schema.push_back(std::move(sql));
    options.host_schema.push_back(
        "CREATE TABLE IF NOT EXISTS ran(position INTEGER PRIMARY KEY, name TEXT, payload TEXT)");
    Result<std::unique_ptr<Store>> store = Store::open(std::move(options));
    EXPECT_TRUE(store.ok()) << store.error().message;
    return *std::move(store);
  }

  Job job(const std::string& key, int64_t in_ms, const std::string& payload = "{}") {
    Job job;
    job.kind = "expire";
    job.key = key;
    job.org = "store-12";
    job.due_ms = clock.now_ms() + in_ms;
    job.payload = payload;
    return job;
  }
  void plan(const Job& job) {
    Result<void> done =
        store->lane().run_now([&job](Session& session) { return jobs::schedule(session, job); });
    ASSERT_TRUE(done.ok()) << done.error().message;
    if (scheduler) scheduler->notify("coupons");
  }
  Result<void> cancel(const std::string& key) {
    return store->lane().run_now(
        [&key](Session& session) { return jobs::cancel(session, "expire", key); });
  }

  void start(events::RetryPolicy policy = {}) {
    scheduler = std::make_unique<Scheduler>(clock, workers, policy);
    scheduler->attach("coupons", store.get(), recorder);
  }
  void drain() { ASSERT_TRUE(scheduler->drain(k_patience_ms)); }
  void advance_and_drain(int64_t ms) {
    clock.advance_ms(ms);
    scheduler->poll();
    drain();
  }
  void jump_and_drain(int64_t ms) {
    clock.set_ms(clock.now_ms() + ms);
    scheduler->poll();
    drain();
  }

  Names column(const std::string& sql) {
    Names values;
    Result<void> done = store->read(0, [&](Session& session) -> Result<void> {
      Result<storage::Rows> rows = session.query(sql);
      if (!rows) return std::move(rows).error();
      Result<Names> all =
          collect<std::string>(*rows, [](auto columns) { return string(columns[0]); });
      if (!all) return std::move(all).error();
      values = *std::move(all);
      return {};
    });
    EXPECT_TRUE(done.ok()) << done.error().message;
    return values;
  }
  /// What has run, in the order of commits.
  Names ran() { return column("SELECT name FROM ran ORDER BY position"); }
  Names waiting() {
    return column("SELECT key FROM fc_job WHERE state = 'waiting' ORDER BY number");
  }
  std::vector<Job> parked() {
    Result<std::vector<Job>> all = scheduler->parked("coupons");
    EXPECT_TRUE(all.ok()) << all.error().message;
    return all.ok() ? *std::move(all) : std::vector<Job>();
  }

  TempFolder folder;
  ManualClock clock;
  WorkerPool workers{2, 256};
  std::unique_ptr<Store> store = open(folder / "coupons", clock);
  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
  std::unique_ptr<Scheduler> scheduler;
};

}  // namespace forecourt::jobs::test
