// Memory runs out while a statement runs: it may fail, but the next call finds it as it was.

#include <functional>
#include <new>

#include "storage_fixture.hpp"
#include "support/failing_new.hpp"

namespace forecourt::storage {
namespace {

class MemoryTest : public StoreTest {
 protected:
  void SetUp() override {
    open();
    ASSERT_TRUE(store_->migrate(table_migration()));
    ASSERT_TRUE(store_->lane().run_now([](Session& session) -> Result<void> {
      auto added = session.execute("INSERT INTO t(id, n) VALUES ($1, $2)", {"a", int64_t{7}});
      return added ? Result<void>() : Result<void>(added.error());
    }));
  }

  /// Runs `attempt` with each of its allocations failing, and `afterwards` each time.
  void each_allocation_failing(const std::function<void(Session&)>& attempt,
                               const std::function<void(Session&)>& afterwards) {
    auto done = store_->lane().run_now([&](Session& session) -> Result<void> {
      bool failed = true;
      for (int64_t n = 1; failed && !HasFailure(); ++n) {
        SCOPED_TRACE("allocation " + std::to_string(n));
        try {
          const failing_new::Failing failing(n, failing_new::Of::this_thread);
          failed = false;
          attempt(session);
        } catch (const std::bad_alloc&) {
          failed = true;
        }
        afterwards(session);
      }
      return {};
    });
    EXPECT_TRUE(done);
  }
};

void read(Session& session) {
  auto rows = session.query("SELECT n FROM t WHERE id = $1", {"a"});
  ASSERT_TRUE(rows) << rows.error().message;
  auto row = rows->next();
  ASSERT_TRUE(row && !row->empty());
  EXPECT_EQ((*row)[0].as_integer, 7);
}

Result<int64_t> add(Session& session, std::string_view id) {
  return session.execute("INSERT INTO t(id, n) VALUES ($1, 8)", {id});
}

TEST_F(MemoryTest, AStatementThatWasNotPreparedLeavesNothingBehind) {
  int prepared = 0;
  const auto prepare = [&](Session& session) {
    const std::string sql = "SELECT n + " + std::to_string(prepared) + " FROM t";
    auto checked = session.check(Session::Who::host, sql);
    EXPECT_TRUE(checked) << checked.error().message;
  };
  each_allocation_failing(prepare, [&](Session&) { ++prepared; });
}

TEST_F(MemoryTest, AQueryCanBeRunAgain) {
  ASSERT_TRUE(store_->lane().run_now([](Session& session) -> Result<void> {
    read(session);  // from here on it is prepared
    return {};
  }));
  each_allocation_failing(read, read);
}

TEST_F(MemoryTest, ARefusedWriteCanBeRunAgain) {
  int added = 0;
  each_allocation_failing([](Session& session) { EXPECT_FALSE(add(session, "a")); },
                          [&](Session& session) {
                            auto done = add(session, "b" + std::to_string(++added));
                            EXPECT_TRUE(done) << done.error().message;
                          });
}

}  // namespace
}  // namespace forecourt::storage
