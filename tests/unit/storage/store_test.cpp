#include "storage/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

using StoreOpen = StoreTest;
using StoreReads = StoreTest;
using StoreOrgs = StoreTest;
using StoreEpochs = StoreTest;

TEST_F(StoreOpen, RefusesADatabaseOfSomethingElse) {
  std::filesystem::create_directories(folder_.path());
  std::ofstream(folder_.path() + "/store.db")
      << "this is a text file, not a database at all, really";
  auto opened = Store::open(options());
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find(folder_.path()), std::string::npos);
}

TEST_F(StoreOpen, WaitsForAProcessThatIsJustEnding) {
  open();
  const std::string folder = folder_.path();
  store_.reset();
  const int ending = ::open((folder + "/running").c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(::flock(ending, LOCK_EX | LOCK_NB), 0);
  std::atomic<bool> begins{false};
  std::thread opener([&] {
    begins = true;
    open();
  });
  while (!begins) std::this_thread::yield();
  for (int i = 0; i < 1'000; ++i) std::this_thread::yield();
  ::close(ending);
  opener.join();
  EXPECT_TRUE(store_);
}

TEST_F(StoreOpen, RefusesAStoreThatIsOpenAlready) {
  open();
  auto second = Store::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
}

TEST_F(StoreOpen, KeepsRowsAcrossARestart) {
  open();
  ASSERT_TRUE(submit(insert("a")));
  ASSERT_TRUE(fates_.wait_for(1));
  open();
  EXPECT_TRUE(has("a"));
}

TEST_F(StoreOpen, RunsTheHostsSchemaAtEveryOpen) {
  StoreOptions with_schema = options();
  with_schema.host_schema = {
      "CREATE TABLE IF NOT EXISTS fc_outbox(number INTEGER PRIMARY KEY AUTOINCREMENT, data TEXT)"};
  open(with_schema);
  EXPECT_EQ(integer("SELECT count(*) FROM fc_outbox"), 0);
  open(with_schema);
  EXPECT_EQ(integer("SELECT count(*) FROM fc_outbox"), 0);
}

TEST_F(StoreReads, CannotWrite) {
  open();
  auto read = store_->read(0, [](Session& session) -> Result<void> {
    auto written = session.execute("INSERT INTO t(id, n) VALUES ('a', 1)");
    if (!written) return written.error();
    return {};
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::state);
  EXPECT_EQ(count(), 0);
}

TEST_F(StoreReads, SeeOneSnapshotWhileTheLaneWrites) {
  open();
  auto read = store_->read(0, [&](Session& session) -> Result<void> {
    const auto rows = [&] {
      auto query = session.query("SELECT count(*) FROM t");
      return (*query->next())[0].as_integer;
    };
    EXPECT_EQ(rows(), 0);
    EXPECT_TRUE(submit(insert("a")));
    EXPECT_TRUE(fates_.wait_for(1));
    EXPECT_EQ(rows(), 0);
    return {};
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(count(), 1);
}

TEST_F(StoreReads, AreRefusedPastTheirDeadlineWhileAllReadersAreTaken) {
  StoreOptions one_reader = options();
  one_reader.readers_max = 1;
  open(one_reader);
  const auto nothing = [](Session&) -> Result<void> { return {}; };
  auto read = store_->read(0, [&](Session&) -> Result<void> {
    return store_->read(clock_.monotonic_ns() - 1, nothing);
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::cancelled);
}

TEST_F(StoreReads, AreInterruptedPastTheirDeadline) {
  open();
  auto read =
      store_->read(clock_.monotonic_ns() + 1'000'000, [&](Session& session) -> Result<void> {
        auto rows = session.query(
            "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c");
        if (!rows) return rows.error();
        clock_.advance_ms(2);
        for (;;) {
          auto row = rows->next();
          if (!row) return row.error();
        }
      });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::cancelled);
}

TEST_F(StoreReads, OfADatabaseInMemorySeeWhatIsCommitted) {
  StoreOptions in_memory = options();
  in_memory.folder.clear();
  open(in_memory);
  ASSERT_TRUE(submit(insert("a")));
  ASSERT_TRUE(fates_.wait_for(1));
  EXPECT_EQ(fates_.at(0).fate, Fate::committed);
  EXPECT_EQ(count(), 1);
}

TEST_F(StoreOrgs, AreMadeEqualToThePairs) {
  open();
  const OrgPair first[] = {{"group", "group"}, {"s1", "s1"}, {"s1", "group"}};
  const OrgPair second[] = {{"group", "group"}, {"s2", "s2"}, {"s2", "group"}};
  ASSERT_TRUE(store_->set_orgs(1, first));
  ASSERT_TRUE(store_->set_orgs(2, second));
  EXPECT_EQ(integer("SELECT count(*) FROM fc_org"), 3);
  EXPECT_EQ(integer("SELECT count(*) FROM fc_org WHERE id = 's2' AND ancestor = 'group'"), 1);
}

TEST_F(StoreOrgs, OfTheSameVersionAreNotWrittenAgain) {
  open();
  const OrgPair pairs[] = {{"group", "group"}};
  ASSERT_TRUE(store_->set_orgs(7, pairs));
  ASSERT_TRUE(store_->set_orgs(7, {}));
  EXPECT_EQ(integer("SELECT count(*) FROM fc_org"), 1);
}

TEST_F(StoreEpochs, AreKeptAndRenewed) {
  open();
  const std::string first = store_->epoch();
  EXPECT_EQ(first.size(), 32u);
  open();
  EXPECT_EQ(store_->epoch(), first);
  ASSERT_TRUE(store_->renew_epoch(41));
  EXPECT_NE(store_->epoch(), first);
  EXPECT_EQ(integer("SELECT first_number FROM fc_epoch ORDER BY position DESC LIMIT 1"), 42);
}

}  // namespace
}  // namespace forecourt::storage
