#include "org/host_directory.hpp"

#include <gtest/gtest.h>

#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

using HostDirectoryTest = DirectoryTest;

TEST_F(HostDirectoryTest, AnErrorUndoesTheWrite) {
  const auto written =
      directory_->write([&](storage::Session& session, const Snapshot&) -> Result<void> {
        auto inserted = insert_org(session, {"brand-a", "group", "brand", "Brand A", ""}, 0);
        if (!inserted) return inserted;
        return Error{Code::conflict, "on second thoughts"};
      });
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().message, "on second thoughts");
  EXPECT_EQ(directory_->snapshot()->find("brand-a"), nullptr);
  reopen();
  EXPECT_EQ(directory_->snapshot()->find("brand-a"), nullptr);
}

TEST_F(HostDirectoryTest, AFreshStoreHoldsTheGroup) {
  const auto snapshot = directory_->snapshot();
  ASSERT_EQ(snapshot->orgs().size(), 1u);
  const Org* group = snapshot->find("group");
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->kind, "group");
  EXPECT_EQ(group->parent, "");
  EXPECT_EQ(group->timezone, "Asia/Shanghai");
}

TEST_F(HostDirectoryTest, AWriteIsSeenByTheNextSnapshotNotByOneHeld) {
  const auto before = directory_->snapshot();
  ASSERT_TRUE(add({"brand-a", "group", "brand", "Brand A", ""}).ok());
  EXPECT_EQ(before->find("brand-a"), nullptr);
  EXPECT_NE(directory_->snapshot()->find("brand-a"), nullptr);
}

TEST_F(HostDirectoryTest, TheVersionGrowsWithTheTreeAlone) {
  const int64_t first = directory_->snapshot()->version;
  ASSERT_TRUE(add_key({"group", "till", {"*"}}, "a credential").ok());
  EXPECT_EQ(directory_->snapshot()->version, first);
  ASSERT_TRUE(add({"brand-a", "group", "brand", "Brand A", ""}).ok());
  EXPECT_GT(directory_->snapshot()->version, first);
}

TEST_F(HostDirectoryTest, TheTreeSurvivesARestart) {
  ASSERT_TRUE(add({"brand-a", "group", "brand", "Brand A", "Asia/Urumqi"}).ok());
  ASSERT_TRUE(add({"store-1", "brand-a", "store", "门店一", ""}).ok());
  const int64_t version = directory_->snapshot()->version;
  reopen();
  const auto snapshot = directory_->snapshot();
  EXPECT_EQ(snapshot->version, version);
  EXPECT_EQ(snapshot->find("store-1")->name, "门店一");
  EXPECT_EQ(snapshot->find("store-1")->timezone, "Asia/Urumqi");
}

}  // namespace
}  // namespace forecourt::org
