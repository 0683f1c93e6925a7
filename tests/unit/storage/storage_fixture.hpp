#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "storage/store.hpp"

namespace forecourt::storage {

/// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "forecourt-storage-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string path(const std::string& name = "store") const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// What became of a call a test submitted.
struct Told {
  Fate fate;
  Error why;
};

/// Collects fates in the order they are told.
class Fates {
 public:
  void tell(size_t call, Fate fate, const Error& why) {
    std::lock_guard lock(mutex_);
    if (told_.size() <= call) told_.resize(call + 1);
    told_[call] = Told{fate, why};
    ++count_;
    changed_.notify_all();  // under the lock: who waits may end this object's life
  }
  /// Waits until `count` calls were told. False after 20 s.
  bool wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return count_ >= count; });
  }
  bool wait_told(size_t call) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return call < told_.size() && told_[call].has_value(); });
  }
  size_t count() {
    std::lock_guard lock(mutex_);
    return count_;
  }
  bool told(size_t call) {
    std::lock_guard lock(mutex_);
    return call < told_.size() && told_[call].has_value();
  }
  Told at(size_t call) {
    std::lock_guard lock(mutex_);
    return told_.at(call).value();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::optional<Told>> told_;
  size_t count_ = 0;
};

/// A write call made of functions.
class TestCall final : public WriteCall {
 public:
  using Run = std::function<Verdict(Session&)>;

  TestCall(size_t id, Run run, Fates& fates) : id_(id), run_(std::move(run)), fates_(fates) {}

  Verdict run(Session& session) override { return run_(session); }
  void after_roll_back(Session& session) override {
    if (after) after(session);
  }
  void finished(Fate fate, const Error& why) override { fates_.tell(id_, fate, why); }
  int64_t deadline_monotonic_ns() const override { return deadline_ns; }
  std::string marker() const override { return marker_text; }

  std::function<void(Session&)> after;
  int64_t deadline_ns = 0;
  std::string marker_text;

 private:
  const size_t id_;
  const Run run_;
  Fates& fates_;
};

/// Something a thread waits for another to do.
class Signal {
 public:
  void set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();  // under the lock: who waits may end this object's life
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

/// A store with one table `t(id, n)`, on a clock the test turns.
class StoreTest : public ::testing::Test {
 protected:
  static std::vector<Migration> table_migration() {
    return {
        {"0001_t.sql", "CREATE TABLE t(id TEXT PRIMARY KEY, n BIGINT NOT NULL CHECK (n >= 0));"}};
  }

  StoreOptions options() {
    StoreOptions options;
    options.folder = folder_.path();
    options.clock = &clock_;
    return options;
  }

  void open(StoreOptions options) {
    store_.reset();
    auto opened = Store::open(std::move(options));
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    auto migrated = store_->migrate(table_migration());
    ASSERT_TRUE(migrated) << migrated.error().message;
  }
  void open() { open(options()); }

  bool submit(std::unique_ptr<TestCall> call) {
    std::unique_ptr<WriteCall> base = std::move(call);
    return store_->lane().submit(base);
  }
  std::unique_ptr<TestCall> call(TestCall::Run run) {
    return std::make_unique<TestCall>(next_call_++, std::move(run), fates_);
  }
  /// A call that inserts one row.
  std::unique_ptr<TestCall> insert(const std::string& id, int64_t n = 1) {
    return call([id, n](Session& session) {
      const bool done = session.execute("INSERT INTO t(id, n) VALUES ($1, $2)", {id, n}).ok();
      return done ? Verdict::commit : Verdict::roll_back;
    });
  }
  /// A call that keeps the lane until `release` is set: what is submitted meanwhile lands in its
  /// group.
  std::unique_ptr<TestCall> hold(Signal& started, Signal& release) {
    return call([&started, &release](Session&) {
      started.set();
      release.wait();
      return Verdict::commit;
    });
  }

  int64_t integer(const std::string& sql) {
    int64_t value = -1;
    auto read = store_->read(0, [&](Session& session) -> Result<void> {
      auto rows = session.query(sql);
      if (!rows) return rows.error();
      auto row = rows->next();
      if (!row) return row.error();
      if (!row->empty()) value = (*row)[0].as_integer;
      return {};
    });
    EXPECT_TRUE(read) << read.error().message;
    return value;
  }
  int64_t count() { return integer("SELECT count(*) FROM t"); }
  bool has(const std::string& id) {
    return integer("SELECT count(*) FROM t WHERE id = '" + id + "'") == 1;
  }

  TempFolder folder_;
  ManualClock clock_;
  Fates fates_;
  size_t next_call_ = 0;
  std::unique_ptr<Store> store_;
};

}  // namespace forecourt::storage
