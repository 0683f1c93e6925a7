#include <gtest/gtest.h>

#include "org/snapshot_builder.hpp"

namespace forecourt::org {
namespace {

std::shared_ptr<const Snapshot> tree() {
  SnapshotBuilder builder;
  // Children before parents: the order does not matter.
  builder.add(Org{"store-12", "dealer-1", "store", "Store 12", ""});
  builder.add(Org{"dealer-1", "brand-a", "dealer", "Dealer 1", "Asia/Urumqi"});
  builder.add(Org{"brand-a", "group", "brand", "Brand A", ""});
  builder.add(Org{"brand-b", "group", "brand", "Brand B", ""});
  builder.add(Org{"group", "", "group", "Group", "Asia/Shanghai"});
  builder.add(Key{"key_1", "store-12", "till", {"*"}, 0, 0}, digest_of("till's secret"));
  return builder.build(7);
}

TEST(Snapshot, DoesNotKnowAForeignCredential) {
  EXPECT_EQ(tree()->authenticate("another secret"), nullptr);
  EXPECT_EQ(tree()->authenticate(""), nullptr);
}

TEST(Snapshot, FindsTheKeyOfACredential) {
  const auto snapshot = tree();
  const Key* key = snapshot->authenticate("till's secret");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->id, "key_1");
}

TEST(Snapshot, ASiblingIsNotWithin) {
  EXPECT_FALSE(tree()->within("brand-b", "brand-a"));
  EXPECT_FALSE(tree()->within("group", "brand-a"));
  EXPECT_FALSE(tree()->within("nowhere", "group"));
  EXPECT_FALSE(tree()->within("group", ""));
}

TEST(Snapshot, AnOrgIsWithinItselfAndItsAncestors) {
  EXPECT_TRUE(tree()->within("store-12", "store-12"));
  EXPECT_TRUE(tree()->within("store-12", "brand-a"));
  EXPECT_TRUE(tree()->within("store-12", "group"));
}

TEST(Snapshot, HasNoLevelThatTheBranchSkips) {
  EXPECT_EQ(tree()->at_level("store-12", "region"), nullptr);
  EXPECT_EQ(tree()->at_level("brand-b", "dealer"), nullptr);
}

TEST(Snapshot, FindsTheNearestOfAKind) {
  EXPECT_EQ(tree()->at_level("store-12", "dealer")->id, "dealer-1");
  EXPECT_EQ(tree()->at_level("store-12", "store")->id, "store-12");
}

TEST(Snapshot, ATimezoneIsInheritedFromTheNearestAncestorThatHasOne) {
  EXPECT_EQ(tree()->find("store-12")->timezone, "Asia/Urumqi");
  EXPECT_EQ(tree()->find("brand-b")->timezone, "Asia/Shanghai");
}

}  // namespace
}  // namespace forecourt::org
