// A statement that destroys the group's transaction: the call that ran it is refused, the others
// run again.

#include <atomic>

#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

class LostTransaction : public StoreTest {
 protected:
  /// Runs a counted insert, the culprit and another counted insert in one group.
  void run_with_neighbours(std::unique_ptr<TestCall> culprit) {
    culprit_ = next_call_ - 1;
    before_ = next_call_;
    auto before = counted_insert("before", runs_before_);
    after_ = next_call_;
    auto after = counted_insert("after", runs_after_);
    Signal started;
    Signal release;
    ASSERT_TRUE(submit(hold(started, release)));
    ASSERT_TRUE(started.wait());
    ASSERT_TRUE(submit(std::move(before)));
    ASSERT_TRUE(submit(std::move(culprit)));
    ASSERT_TRUE(submit(std::move(after)));
    release.set();
    ASSERT_TRUE(fates_.wait_for(next_call_));
  }

  std::unique_ptr<TestCall> counted_insert(const std::string& id, std::atomic<int>& runs) {
    return call([id, &runs](Session& session) {
      ++runs;
      EXPECT_TRUE(session.execute("INSERT INTO t(id, n) VALUES ($1, 1)", {id}));
      return Verdict::commit;
    });
  }

  void expect_neighbours_stand() {
    EXPECT_EQ(fates_.at(before_).fate, Fate::committed);
    EXPECT_EQ(fates_.at(after_).fate, Fate::committed);
    EXPECT_EQ(runs_before_, 2);  // its first run was destroyed with the transaction
    EXPECT_EQ(runs_after_, 1);
    EXPECT_TRUE(has("before"));
    EXPECT_TRUE(has("after"));
    EXPECT_EQ(count(), 2);
  }

  size_t culprit_ = 0;
  size_t before_ = 0;
  size_t after_ = 0;
  std::atomic<int> runs_before_{0};
  std::atomic<int> runs_after_{0};
};

constexpr const char* k_endless =
    "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c)"
    " INSERT INTO t(id, n) SELECT 'x' || i, i FROM c";

TEST_F(LostTransaction, ByTheDeadlineRefusesTheCulpritAndRunsTheOthersAgain) {
  StoreOptions real_time = options();
  real_time.clock = nullptr;
  open(real_time);
  const int64_t now = SystemClock().monotonic_ns();
  std::atomic<int> culprit_runs{0};
  auto culprit = call([&](Session& session) {
    ++culprit_runs;
    auto endless = session.execute(k_endless);
    EXPECT_FALSE(endless);
    EXPECT_EQ(endless.error().code, Code::cancelled);
    EXPECT_TRUE(session.transaction_lost());
    auto further = session.execute("INSERT INTO t(id, n) VALUES ('further', 1)");
    EXPECT_FALSE(further);
    EXPECT_EQ(further.error().code, Code::state);
    return Verdict::commit;  // what it says does not matter any more
  });
  culprit->deadline_ns = now + 500'000'000;
  run_with_neighbours(std::move(culprit));
  EXPECT_EQ(culprit_runs, 1);
  EXPECT_EQ(fates_.at(culprit_).fate, Fate::refused);
  EXPECT_EQ(fates_.at(culprit_).why.code, Code::cancelled);
  expect_neighbours_stand();
}

TEST_F(LostTransaction, ByAFullPageQuotaRefusesTheCulpritAndRunsTheOthersAgain) {
  StoreOptions small = options();
  small.pages_max = 64;
  open(small);
  auto culprit = call([](Session& session) {
    // One row, so that SQLite keeps no journal of the statement and has to undo the transaction.
    auto full = session.execute("INSERT INTO t(id, n) VALUES ($1, 1)", {std::string(600'000, 'x')});
    EXPECT_FALSE(full);
    EXPECT_EQ(full.error().code, Code::read_only);
    return Verdict::commit;
  });
  run_with_neighbours(std::move(culprit));
  EXPECT_EQ(fates_.at(culprit_).fate, Fate::refused);
  EXPECT_EQ(fates_.at(culprit_).why.code, Code::read_only);
  expect_neighbours_stand();
  EXPECT_EQ(store_->lane().read_only_reason(), "");
}

TEST_F(LostTransaction, AfterARollBackIsTheSame) {
  open();
  auto culprit = call([](Session&) { return Verdict::roll_back; });
  culprit->after = [](Session& session) {
    // Host SQL may say ROLLBACK; what a plugin says is refused before it is prepared.
    EXPECT_FALSE(session.execute("INSERT OR ROLLBACK INTO t(id, n) VALUES ('x', -1)"));
    EXPECT_TRUE(session.transaction_lost());
  };
  run_with_neighbours(std::move(culprit));
  EXPECT_EQ(fates_.at(culprit_).fate, Fate::refused);
  expect_neighbours_stand();
}

TEST_F(LostTransaction, ByEveryCallLeavesAnEmptyGroup) {
  open();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(submit(call([](Session& session) {
      EXPECT_FALSE(session.execute("INSERT OR ROLLBACK INTO t(id, n) VALUES ('x', -1)"));
      return Verdict::commit;
    })));
  }
  ASSERT_TRUE(fates_.wait_for(5));
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(fates_.at(i).fate, Fate::refused);
  ASSERT_TRUE(submit(insert("a")));
  ASSERT_TRUE(fates_.wait_for(6));
  EXPECT_EQ(fates_.at(5).fate, Fate::committed);
}

TEST_F(LostTransaction, IsNotCausedByAStatementThatStartsPastTheDeadline) {
  open();
  auto late = call([&](Session& session) {
    clock_.advance_ms(1'000);
    auto refused = session.execute("INSERT INTO t(id, n) VALUES ('late', 1)");
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::cancelled);
    EXPECT_FALSE(session.transaction_lost());
    return Verdict::roll_back;
  });
  late->deadline_ns = clock_.monotonic_ns() + 500'000'000;
  ASSERT_TRUE(submit(std::move(late)));
  ASSERT_TRUE(fates_.wait_for(1));
  EXPECT_EQ(fates_.at(0).fate, Fate::rolled_back);
}

}  // namespace
}  // namespace forecourt::storage
