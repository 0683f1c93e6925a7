#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/worker_pool.hpp"
#include "events/dispatcher.hpp"
#include "events/lineage.hpp"
#include "events/rows.hpp"
#include "events/schema.hpp"
#include "storage/store.hpp"

namespace forecourt::events::test {

using storage::Session;
using storage::Store;

inline constexpr int64_t k_patience_ms = 60'000;

/// A folder of its own that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "fc-events-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Holds a thread until a test lets it go.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  /// False when nobody came.
  bool wait_for_arrival() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(k_patience_ms),
                             [this] { return arrived_ > 0; });
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

/// Waits for a condition, with a bound.
inline bool eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(k_patience_ms);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// Writes each event it takes into the subscriber's table `seen`; a test adds what goes wrong.
class Recorder : public Consumer {
 public:
  std::function<Result<void>(const Event&)> on_prepare;
  std::function<Result<void>(Session&, const Event&)> on_handle;
  std::atomic<int> handled{0};  // runs, not effects
  int64_t timeout_max_ms = 0;

  Result<std::unique_ptr<Prepared>> prepare(const Event& event) override {
    if (on_prepare) {
      Result<void> prepared = on_prepare(event);
      if (!prepared) return std::move(prepared).error();
    }
    return std::unique_ptr<Prepared>();
  }
  Result<void> handle(Session& session, const Event& event, Prepared*) override {
    ++handled;
    Result<int64_t> written =
        session.execute("INSERT INTO seen(source, number, subject) VALUES($1, $2, $3)",
                        {text(event.source), event.number, text(event.subject)});
    if (!written) return std::move(written).error();
    if (on_handle) return on_handle(session, event);
    return {};
  }
  int64_t timeout_ms() const override { return timeout_max_ms; }
};

class Events : public ::testing::Test {
 protected:
  /// Before what a fixture derived from this one has: the dispatcher looks at stores and consumers
  /// until it is stopped, also when nothing is left to deliver.
  void TearDown() override {
    if (dispatcher) dispatcher->stop();
  }

  static std::unique_ptr<Store> open(const std::string& folder, const Clock& clock,
                                     const std::string& vfs = {}, size_t queue_max = 4096) {
    storage::StoreOptions options;
    options.folder = folder;
    options.clock = &clock;
    options.vfs = vfs;
    options.queue_max = queue_max;
    options.host_schema = host_schema();
    options.host_schema.push_back(
        "CREATE TABLE IF NOT EXISTS seen(position INTEGER PRIMARY KEY, source TEXT, number "
        "INTEGER, "
        "subject TEXT)");
    Result<std::unique_ptr<Store>> store = Store::open(std::move(options));
    EXPECT_TRUE(store.ok()) << store.error().message;
    return *std::move(store);
  }

  /// One commit with these subjects, in order. Tells the dispatcher.
  void publish(const std::vector<std::string>& subjects,
               const std::string& type = "payments.payment.verified") {
    publish_into(*payments, "payments", subjects, type);
    if (dispatcher) dispatcher->notify("payments");
  }
  static void publish_into(Store& store, const std::string& source,
                           const std::vector<std::string>& subjects, const std::string& type) {
    Result<void> done = store.lane().run_now([&](Session& session) -> Result<void> {
      for (const std::string& subject : subjects) {
        Event event;
        event.id = "evt_" + subject;
        event.type = type;
        event.source = source;
        event.subject = subject;
        event.org = "group";
        event.time_ms = 1'700'000'000'000;
        event.data = R"({"amount_fen":100})";
        Result<void> written = events::publish(session, event);
        if (!written) return written;
      }
      return {};
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }

  void start(RetryPolicy policy = {}, Retention retention = {}) {
    dispatcher = std::make_unique<Dispatcher>(clock, workers, policy, retention);
    dispatcher->attach_publisher("payments", payments.get());
  }
  void subscribe(bool from_start = false,
                 std::vector<std::string> types = {"payments.payment.verified"}) {
    Result<void> done = dispatcher->subscribe(
        {"membership", membership.get(), recorder, std::move(types), from_start});
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  void start_and_subscribe(RetryPolicy policy = {}) {
    start(policy);
    subscribe();
  }
  void drain() { ASSERT_TRUE(dispatcher->drain(k_patience_ms)); }

  /// Subjects in the order their effects were committed.
  std::vector<std::string> seen(Store& store) {
    std::vector<std::string> subjects;
    read(store, [&subjects](Session& session) -> Result<void> {
      Result<storage::Rows> rows = session.query("SELECT subject FROM seen ORDER BY position");
      if (!rows) return std::move(rows).error();
      Result<std::vector<std::string>> all =
          collect<std::string>(*rows, [](auto columns) { return string(columns[0]); });
      if (!all) return std::move(all).error();
      subjects = *std::move(all);
      return {};
    });
    return subjects;
  }
  std::vector<std::string> seen() { return seen(*membership); }

  int64_t number(Store& store, const std::string& sql) {
    int64_t value = 0;
    read(store, [&](Session& session) -> Result<void> {
      Result<int64_t> found = integer(session, sql, {}, -1);
      if (!found) return std::move(found).error();
      value = *found;
      return {};
    });
    return value;
  }
  int64_t cursor() {
    return number(*membership, "SELECT number FROM fc_cursor WHERE publisher = 'payments'");
  }

  static void read(Store& store, const std::function<Result<void>(Session&)>& work) {
    Result<void> done = store.read(0, work);
    EXPECT_TRUE(done.ok()) << done.error().message;
  }
  static void write(Store& store, const std::string& sql) {
    Result<void> done = store.lane().run_now([&sql](Session& session) -> Result<void> {
      Result<int64_t> written = session.execute(sql);
      if (!written) return std::move(written).error();
      return {};
    });
    ASSERT_TRUE(done.ok()) << done.error().message;
  }
  std::vector<Parked> parked() {
    Result<std::vector<Parked>> all = dispatcher->parked("membership");
    EXPECT_TRUE(all.ok()) << all.error().message;
    return all.ok() ? *std::move(all) : std::vector<Parked>();
  }
  void advance_and_drain(int64_t ms) {
    clock.advance_ms(ms);
    dispatcher->poll();
    drain();
  }

  TempFolder folder;
  ManualClock clock;
  WorkerPool workers{2, 256};
  std::unique_ptr<Store> payments = open(folder / "payments", clock);
  std::unique_ptr<Store> membership = open(folder / "membership", clock);
  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
  std::unique_ptr<Dispatcher> dispatcher;
};

inline std::vector<std::string> numbered(int first, int last) {
  std::vector<std::string> subjects;
  for (int i = first; i <= last; ++i) subjects.push_back("s" + std::to_string(i));
  return subjects;
}

using Subjects = std::vector<std::string>;

}  // namespace forecourt::events::test
