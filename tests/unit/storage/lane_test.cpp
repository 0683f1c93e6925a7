#include "storage/lane.hpp"

#include <atomic>

#include "base/round.hpp"
#include "storage_fixture.hpp"
#include "support/vfs_shim.hpp"

namespace forecourt::storage {
namespace {

using test_support::VfsShim;

/// Stores on a disk the test can break.
class LaneTest : public StoreTest {
 protected:
  ~LaneTest() override { store_.reset(); }

  void open_on_shim() {
    StoreOptions on_shim = options();
    on_shim.vfs = disk_.name();
    open(on_shim);
  }

  /// Submits the calls so that they make one group: while another call keeps the lane busy.
  void submit_group(std::vector<std::unique_ptr<TestCall>> calls) {
    Signal started;
    Signal release;
    ASSERT_TRUE(submit(hold(started, release)));
    ASSERT_TRUE(started.wait());
    for (auto& call : calls) ASSERT_TRUE(submit(std::move(call)));
    release.set();
    ASSERT_TRUE(fates_.wait_for(next_call_));
  }

  VfsShim disk_;
};

using LaneGroups = LaneTest;
using LaneSavepoints = LaneTest;
using LaneQueue = LaneTest;
using LaneCommitFailure = LaneTest;

TEST_F(LaneQueue, RefusesWhenFull) {
  StoreOptions small = options();
  small.queue_max = 2;
  open(small);
  Signal started;
  Signal release;
  ASSERT_TRUE(submit(hold(started, release)));
  ASSERT_TRUE(started.wait());
  EXPECT_TRUE(submit(insert("a")));
  EXPECT_TRUE(submit(insert("b")));
  std::unique_ptr<WriteCall> third = insert("c");
  EXPECT_FALSE(store_->lane().submit(third));
  EXPECT_NE(third, nullptr);
  EXPECT_EQ(store_->lane().queued(), 2u);
  release.set();
  EXPECT_TRUE(fates_.wait_for(3));
}

TEST_F(LaneQueue, RefusesACallWhoseDeadlinePassedInIt) {
  open();
  Signal started;
  Signal release;
  ASSERT_TRUE(submit(hold(started, release)));
  ASSERT_TRUE(started.wait());
  auto late = insert("late");
  late->deadline_ns = clock_.monotonic_ns() + 1'000'000;
  ASSERT_TRUE(submit(std::move(late)));
  clock_.advance_ms(2);
  release.set();
  ASSERT_TRUE(fates_.wait_for(2));
  EXPECT_EQ(fates_.at(1).fate, Fate::refused);
  EXPECT_EQ(fates_.at(1).why.code, Code::cancelled);
  EXPECT_FALSE(has("late"));
}

TEST_F(LaneQueue, IsDrainedWhenTheStoreCloses) {
  open();
  Signal started;
  Signal release;
  ASSERT_TRUE(submit(hold(started, release)));
  ASSERT_TRUE(started.wait());
  ASSERT_TRUE(submit(insert("a")));
  release.set();
  store_.reset();
  ASSERT_EQ(fates_.count(), 2u);
  EXPECT_EQ(fates_.at(1).fate, Fate::committed);
}

TEST_F(LaneQueue, RunNowTellsTheErrorAndRollsBack) {
  open();
  auto done = store_->lane().run_now([](Session& session) -> Result<void> {
    (void)session.execute("INSERT INTO t(id, n) VALUES ('a', 1)");
    return Error{Code::conflict, "changed my mind"};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::conflict);
  EXPECT_EQ(count(), 0);
}

TEST_F(LaneGroups, ShareOneSync) {
  open_on_shim();
  ASSERT_TRUE(submit(insert("first")));
  ASSERT_TRUE(fates_.wait_for(1));
  std::vector<std::unique_ptr<TestCall>> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(insert("row" + std::to_string(i)));
  const int64_t before = disk_.calls(VfsShim::Operation::sync);
  submit_group(std::move(calls));
  // The group may be cut by its 5 ms on a slow machine, never into one sync a call.
  EXPECT_LE(disk_.calls(VfsShim::Operation::sync) - before, 5);
  EXPECT_EQ(count(), 21);
}

TEST_F(LaneGroups, NeverExceed128Calls) {
  open_on_shim();
  ASSERT_TRUE(submit(insert("first")));
  ASSERT_TRUE(fates_.wait_for(1));
  std::vector<std::unique_ptr<TestCall>> calls;
  for (int i = 0; i < 130; ++i) calls.push_back(insert("row" + std::to_string(i)));
  const int64_t before = disk_.calls(VfsShim::Operation::sync);
  submit_group(std::move(calls));
  EXPECT_GE(disk_.calls(VfsShim::Operation::sync) - before, 2);
  EXPECT_EQ(count(), 131);
}

TEST_F(LaneGroups, AnswerNobodyBeforeTheCommit) {
  open();
  bool told_when_second_runs = true;
  std::vector<std::unique_ptr<TestCall>> calls;
  calls.push_back(insert("a"));
  calls.push_back(call([&](Session&) {
    told_when_second_runs = fates_.told(0);
    return Verdict::commit;
  }));
  submit_group(std::move(calls));
  EXPECT_FALSE(told_when_second_runs);
}

/// Counts the rounds in which it was left something.
class CountedRounds final : public RoundEnd {
 public:
  void round_ended() noexcept override { ++ended; }
  std::atomic<int> ended{0};
  std::atomic<int> left{0};
};

/// Leaves something to the end of the round it is told its fate in.
class LeavingCall final : public WriteCall {
 public:
  LeavingCall(CountedRounds& rounds, Fates& fates, size_t id)
      : rounds_(rounds), fates_(fates), id_(id) {}
  Verdict run(Session&) override { return Verdict::commit; }
  void finished(Fate fate, const Error& why) override {
    if (Round::leave(rounds_)) ++rounds_.left;
    fates_.tell(id_, fate, why);
  }

 private:
  CountedRounds& rounds_;
  Fates& fates_;
  const size_t id_;
};

TEST_F(LaneGroups, AnswerAllInOneRound) {
  open();
  const auto rounds = std::make_shared<CountedRounds>();
  Signal started;
  Signal release;
  ASSERT_TRUE(submit(hold(started, release)));
  ASSERT_TRUE(started.wait());
  constexpr int k_calls = 20;
  for (int i = 0; i < k_calls; ++i) {
    std::unique_ptr<WriteCall> call = std::make_unique<LeavingCall>(*rounds, fates_, next_call_++);
    ASSERT_TRUE(store_->lane().submit(call));
  }
  release.set();
  ASSERT_TRUE(fates_.wait_for(next_call_));
  store_.reset();  // the lane's last round has ended
  EXPECT_EQ(rounds->left, k_calls);
  // The group may be cut by its 5 ms on a slow machine, never into one round a call.
  EXPECT_GE(rounds->ended, 1);
  EXPECT_LE(rounds->ended, 5);
}

TEST_F(LaneSavepoints, UndoOneCallAndKeepItsNeighbours) {
  open();
  std::vector<std::unique_ptr<TestCall>> calls;
  calls.push_back(insert("before"));
  calls.push_back(call([](Session& session) {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('undone', 1)"));
    EXPECT_TRUE(session.execute("UPDATE t SET n = 7"));
    return Verdict::roll_back;
  }));
  calls.push_back(insert("after"));
  submit_group(std::move(calls));
  EXPECT_EQ(fates_.at(0).fate, Fate::committed);
  EXPECT_EQ(fates_.at(1).fate, Fate::rolled_back);
  EXPECT_EQ(fates_.at(2).fate, Fate::committed);
  EXPECT_FALSE(has("undone"));
  EXPECT_EQ(integer("SELECT sum(n) FROM t"), 2);
}

TEST_F(LaneSavepoints, KeepWhatIsWrittenAfterARollBack) {
  open();
  auto failing = call([](Session& session) {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('undone', 1)"));
    return Verdict::roll_back;
  });
  failing->after = [](Session& session) {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('attempt', 1)"));
  };
  ASSERT_TRUE(submit(std::move(failing)));
  ASSERT_TRUE(fates_.wait_for(1));
  EXPECT_EQ(fates_.at(0).fate, Fate::rolled_back);
  EXPECT_TRUE(has("attempt"));
  EXPECT_FALSE(has("undone"));
}

TEST_F(LaneSavepoints, AFailedStatementUndoesOnlyItself) {
  open();
  ASSERT_TRUE(submit(call([](Session& session) {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('a', 1)"));
    auto refused = session.execute("INSERT INTO t(id, n) VALUES ('b', 1), ('a', 1)");
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::constraint);
    EXPECT_FALSE(session.transaction_lost());
    return Verdict::commit;
  })));
  ASSERT_TRUE(fates_.wait_for(1));
  EXPECT_TRUE(has("a"));
  EXPECT_FALSE(has("b"));
}

TEST_F(LaneSavepoints, EndQueriesACallLeftOpen) {
  open();
  std::optional<Rows> left_open;
  ASSERT_TRUE(submit(insert("a")));
  ASSERT_TRUE(submit(call([&](Session& session) {
    auto rows = session.query("SELECT id FROM t");
    EXPECT_TRUE(rows);
    left_open.emplace(std::move(*rows));
    return Verdict::commit;
  })));
  ASSERT_TRUE(fates_.wait_for(2));
  auto row = left_open->next();
  ASSERT_FALSE(row);
  EXPECT_EQ(row.error().code, Code::state);
}

TEST_F(LaneCommitFailure, IsUnknownForTheWholeGroupAndTheLaneGoesOn) {
  open_on_shim();
  ASSERT_TRUE(submit(insert("first")));
  ASSERT_TRUE(fates_.wait_for(1));
  std::vector<std::unique_ptr<TestCall>> calls;
  calls.push_back(insert("a"));
  calls.push_back(call([&](Session& session) {
    EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ('b', 1)"));
    disk_.fail(VfsShim::Operation::sync, 1, VfsShim::Fault::io_error, false);
    return Verdict::commit;
  }));
  const int64_t opened_before = disk_.calls(VfsShim::Operation::open);
  submit_group(std::move(calls));
  EXPECT_EQ(fates_.at(1).fate, Fate::unknown);
  EXPECT_EQ(fates_.at(2).fate, Fate::unknown);
  EXPECT_EQ(disk_.failures(), 1);
  EXPECT_GT(disk_.calls(VfsShim::Operation::open), opened_before);  // opened again
  ASSERT_TRUE(submit(insert("next")));
  ASSERT_TRUE(fates_.wait_for(5));
  EXPECT_EQ(fates_.at(4).fate, Fate::committed);
  EXPECT_TRUE(has("next"));
}

}  // namespace
}  // namespace forecourt::storage
