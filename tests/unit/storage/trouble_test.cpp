// Full disks, stuck handlers, power cuts, kills.

#include <atomic>
#include <set>
#include <thread>

#include "storage_fixture.hpp"
#include "support/vfs_shim.hpp"

namespace forecourt::storage {
namespace {

using test_support::VfsShim;

class TroubleTest : public StoreTest {
 protected:
  ~TroubleTest() override { store_.reset(); }

  StoreOptions on_shim() {
    StoreOptions with_shim = options();
    with_shim.vfs = disk_.name();
    return with_shim;
  }
  /// Submits one insert and waits for its fate.
  Told insert_and_wait(const std::string& id) {
    const size_t number = next_call_;
    EXPECT_TRUE(submit(insert(id)));
    EXPECT_TRUE(fates_.wait_told(number));
    return fates_.at(number);
  }

  VfsShim disk_;
};

using BadDisk = TroubleTest;
using DiskFull = TroubleTest;
using PowerCut = TroubleTest;
using StuckCall = TroubleTest;

TEST_F(DiskFull, TurnsTheStoreReadOnlyAndItRecoversByItself) {
  open(on_shim());
  ASSERT_EQ(insert_and_wait("before").fate, Fate::committed);
  disk_.fail(VfsShim::Operation::write, 1, VfsShim::Fault::disk_full, true);
  EXPECT_EQ(insert_and_wait("lost").fate, Fate::unknown);  // its COMMIT failed
  const Told refused = insert_and_wait("refused");
  EXPECT_EQ(refused.fate, Fate::refused);
  EXPECT_EQ(refused.why.code, Code::read_only);
  EXPECT_NE(store_->lane().read_only_reason(), "");
  EXPECT_TRUE(has("before"));  // reads go on
  disk_.heal();
  Told told = refused;
  for (int i = 0; i < 100 && told.fate == Fate::refused; ++i) {
    told = insert_and_wait("again" + std::to_string(i));
    if (told.fate == Fate::refused) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(told.fate, Fate::committed);
  EXPECT_EQ(store_->lane().read_only_reason(), "");
  EXPECT_TRUE(has("before"));
  EXPECT_FALSE(has("refused"));
}

TEST_F(DiskFull, RecoversWhenTheDatabaseCouldNotBeOpenedAgain) {
  open(on_shim());
  disk_.fail(VfsShim::Operation::write, 1, VfsShim::Fault::disk_full, true);
  disk_.fail(VfsShim::Operation::open, 1, VfsShim::Fault::io_error, true);
  EXPECT_EQ(insert_and_wait("lost").fate, Fate::unknown);
  EXPECT_EQ(insert_and_wait("refused").fate, Fate::refused);
  EXPECT_FALSE(store_->set_orgs(1, {}));
  disk_.heal();
  Told told{Fate::refused, {}};
  for (int i = 0; i < 100 && told.fate == Fate::refused; ++i) {
    told = insert_and_wait("again" + std::to_string(i));
    if (told.fate == Fate::refused) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(told.fate, Fate::committed);
}

TEST_F(DiskFull, RefusesRatherThanLosesWhatACallCannotEvenSpill) {
  open(on_shim());
  // More than the page cache holds: SQLite writes to its log in the middle of the statement.
  std::atomic<bool> lost{false};
  ASSERT_TRUE(submit(call([&](Session& session) {
    disk_.fail(VfsShim::Operation::write, 1, VfsShim::Fault::disk_full, true);
    auto big =
        session.execute("INSERT INTO t(id, n) VALUES ($1, 1)", {std::string(15'000'000, 'x')});
    auto more =
        session.execute("INSERT INTO t(id, n) VALUES ($1, 1)", {std::string(15'000'000, 'y')});
    lost = !big || !more;
    return Verdict::commit;
  })));
  ASSERT_TRUE(fates_.wait_for(1));
  EXPECT_TRUE(lost);
  EXPECT_EQ(fates_.at(0).fate, Fate::refused);
  EXPECT_EQ(fates_.at(0).why.code, Code::read_only);
  EXPECT_NE(store_->lane().read_only_reason(), "");
}

TEST_F(BadDisk, AReadThatLostItsSnapshotIsUnavailableNotInvalid) {
  open(on_shim());
  ASSERT_EQ(insert_and_wait("a").fate, Fate::committed);
  ASSERT_TRUE(has("a"));  // there is a reader now
  disk_.fail(VfsShim::Operation::lock, 1, VfsShim::Fault::io_error, true);
  bool failed = false;
  const auto read = store_->read(0, [&](Session& session) -> Result<void> {
    auto rows = session.query("SELECT count(*) FROM t");
    failed = !rows || !rows->next();
    return {};  // as a plugin does that answers for itself
  });
  disk_.heal();
  EXPECT_TRUE(failed);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::unavailable) << read.error().message;
  EXPECT_TRUE(has("a"));
}

/// Writes from two threads, cuts the power in between and says how many acknowledged rows are
/// missing.
class PowerCutRun : public TroubleTest {
 protected:
  int64_t rows_missing(bool synchronous_normal, std::optional<uint32_t> torn_seed) {
    StoreOptions opening = on_shim();
    opening.synchronous_normal = synchronous_normal;
    open(opening);
    constexpr int k_calls = 200;
    std::thread other([&] { submit_rows("a", k_calls); });
    submit_rows("b", k_calls);
    std::set<std::string> acknowledged;
    {
      std::lock_guard lock(acknowledged_mutex_);
      acknowledged = acknowledged_;
    }
    disk_.power_cut(folder_.path(), folder_.path("after"), torn_seed);
    other.join();
    store_.reset();
    EXPECT_FALSE(acknowledged.empty());

    StoreOptions after = options();
    after.folder = folder_.path("after");
    auto survivor = Store::open(after);
    EXPECT_TRUE(survivor) << survivor.error().message;
    if (!survivor) return -1;
    store_ = std::move(*survivor);
    if (!synchronous_normal) {
      EXPECT_TRUE(intact());
    }
    int64_t missing = 0;
    for (const std::string& id : acknowledged) missing += kept(id) ? 0 : 1;
    return missing;
  }

 private:
  /// Like TestCall, but says so by name, and with one call in flight a thread.
  void submit_rows(const std::string& prefix, int rows) {
    for (int i = 0; i < rows; ++i) {
      const std::string id = prefix + std::to_string(i);
      auto done = store_->lane().run_now([&id](Session& session) -> Result<void> {
        auto inserted = session.execute("INSERT INTO t(id, n) VALUES ($1, 1)", {id});
        return inserted ? Result<void>() : Result<void>(inserted.error());
      });
      if (!done) continue;
      std::lock_guard lock(acknowledged_mutex_);
      acknowledged_.insert(id);
    }
  }
  bool kept(const std::string& id) {
    bool found = false;
    auto read = store_->read(0, [&](Session& session) -> Result<void> {
      auto rows = session.query("SELECT 1 FROM t WHERE id = $1", {id});
      if (!rows) return rows.error();
      auto row = rows->next();
      found = row && !row->empty();
      return {};
    });
    return read && found;
  }
  bool intact() {
    bool ok = false;
    auto read = store_->read(0, [&](Session& session) -> Result<void> {
      auto rows = session.query("PRAGMA integrity_check");
      if (!rows) return rows.error();
      ok = (*rows->next())[0].bytes() == "ok";
      return {};
    });
    return read && ok;
  }

  std::mutex acknowledged_mutex_;
  std::set<std::string> acknowledged_;
};

TEST_F(PowerCutRun, LosesNothingAcknowledged) { EXPECT_EQ(rows_missing(false, std::nullopt), 0); }

TEST_F(PowerCutRun, LosesAcknowledgedRowsWithSynchronousNormal) {
  EXPECT_GT(rows_missing(true, std::nullopt), 0);
}

class TornPowerCut : public PowerCutRun, public ::testing::WithParamInterface<uint32_t> {};

TEST_P(TornPowerCut, LosesNothingAcknowledged) { EXPECT_EQ(rows_missing(false, GetParam()), 0); }

INSTANTIATE_TEST_SUITE_P(Seeds, TornPowerCut, ::testing::Range(1u, 9u));

TEST_F(StuckCall, IsAnsweredUnknownAndRolledBackWhenItReturns) {
  StoreOptions short_grace = options();
  short_grace.stuck_grace_ms = 10;
  open(short_grace);
  Signal started;
  Signal release;
  Signal returned;
  auto stuck = call([&](Session& session) {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('stuck', 1)"));
    started.set();
    release.wait();
    returned.set();
    return Verdict::commit;
  });
  stuck->deadline_ns = clock_.monotonic_ns() + 1'000'000;
  ASSERT_TRUE(submit(std::move(stuck)));
  ASSERT_TRUE(started.wait());
  ASSERT_TRUE(submit(insert("queued")));
  clock_.advance_ms(1'000);
  ASSERT_TRUE(fates_.wait_for(2));
  EXPECT_EQ(fates_.at(0).fate, Fate::unknown);
  EXPECT_EQ(fates_.at(1).fate, Fate::refused);
  EXPECT_TRUE(store_->lane().stuck());
  std::unique_ptr<WriteCall> more = insert("more");
  EXPECT_FALSE(store_->lane().submit(more));
  EXPECT_FALSE(store_->set_orgs(1, {}));  // does not wait for ever

  release.set();
  ASSERT_TRUE(returned.wait());
  for (int i = 0; i < 1'000 && store_->lane().stuck(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_FALSE(store_->lane().stuck());
  EXPECT_EQ(insert_and_wait("next").fate, Fate::committed);
  EXPECT_FALSE(has("stuck"));
  EXPECT_EQ(fates_.count(), next_call_ - 1);  // each told once; "more" never went in
}

TEST_F(StuckCall, TakesItsNeighboursWithIt) {
  StoreOptions short_grace = options();
  short_grace.stuck_grace_ms = 10;
  open(short_grace);
  Signal lane_held;
  Signal lane_release;
  Signal started;
  Signal release;
  const size_t neighbour = next_call_;
  auto before = insert("neighbour");
  auto stuck = call([&](Session&) {
    started.set();
    release.wait();
    return Verdict::commit;
  });
  stuck->deadline_ns = clock_.monotonic_ns() + 1'000'000;
  ASSERT_TRUE(submit(hold(lane_held, lane_release)));
  ASSERT_TRUE(lane_held.wait());
  ASSERT_TRUE(submit(std::move(before)));
  ASSERT_TRUE(submit(std::move(stuck)));
  lane_release.set();
  ASSERT_TRUE(started.wait());
  clock_.advance_ms(1'000);
  ASSERT_TRUE(fates_.wait_for(3));
  EXPECT_EQ(fates_.at(neighbour).fate, Fate::unknown);
  release.set();
  store_.reset();
}

/// New reads wait for the log to start over for as long as this says. 0: they are let through at
/// once, and the log may be past its limit before it is tried again.
class LogLimitHolding : public TroubleTest, public testing::WithParamInterface<int64_t> {};
INSTANTIATE_TEST_SUITE_P(LogLimit, LogLimitHolding, testing::Values(0, 100),
                         testing::PrintToStringParamName());

TEST_P(LogLimitHolding, EndsTheReadThatHoldsTheLogAndShedsWrites) {
  StoreOptions small = options();
  small.wal_bytes_max = 400'000;
  small.log_hold_ms = GetParam();
  open(small);
  Signal reading;
  Signal release;
  std::atomic<bool> ended{false};
  std::thread reader([&] {
    (void)store_->read(0, [&](Session& session) -> Result<void> {
      EXPECT_TRUE(session.query("SELECT count(*) FROM t")->next());
      auto held = session.query("SELECT count(*) FROM t");  // keeps the snapshot
      reading.set();
      release.wait();
      auto refused = session.query("SELECT count(*) FROM t");
      ended = !refused && refused.error().code == Code::cancelled;
      return {};
    });
  });
  ASSERT_TRUE(reading.wait());
  Told told{Fate::committed, {}};
  for (int i = 0; i < 500 && told.fate == Fate::committed; ++i) {
    told = insert_and_wait(std::to_string(i) + std::string(3'000, 'x'));
  }
  EXPECT_EQ(told.fate, Fate::refused);
  EXPECT_EQ(told.why.code, Code::read_only);
  release.set();
  reader.join();
  EXPECT_TRUE(ended) << told.why.message;
  for (int i = 0; i < 100 && told.fate == Fate::refused; ++i) {
    told = insert_and_wait("again" + std::to_string(i));
    if (told.fate == Fate::refused) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(told.fate, Fate::committed) << told.why.message;
}

}  // namespace
}  // namespace forecourt::storage
