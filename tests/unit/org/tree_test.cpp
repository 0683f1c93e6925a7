#include "org/tree.hpp"

#include <gtest/gtest.h>

#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

class Tree : public DirectoryTest {
 protected:
  Code refusal(const NewOrg& wanted) {
    const auto checked = check_new_org(*directory_->snapshot(), wanted);
    return checked ? Code{} : checked.error().code;
  }
};

TEST_F(Tree, RefusesIdsOutsideThePattern) {
  for (const std::string& id :
       {std::string(), std::string("-store"), std::string("Store"), std::string("a b"),
        std::string("a/b"), std::string("a.b"), std::string("店"), std::string(64, 'a')}) {
    EXPECT_EQ(refusal({id, "group", "store", "A store", ""}), Code::invalid) << id;
  }
}

TEST_F(Tree, RefusesAnUnknownParent) {
  EXPECT_EQ(refusal({"store-1", "nowhere", "store", "A store", ""}), Code::not_found);
}

TEST_F(Tree, RefusesAnIdThatIsTaken) {
  ASSERT_TRUE(add({"brand-a", "group", "brand", "Brand A", ""}).ok());
  EXPECT_EQ(refusal({"brand-a", "group", "brand", "Another", ""}), Code::conflict);
  EXPECT_EQ(refusal({"group", "group", "brand", "Another", ""}), Code::conflict);
}

TEST_F(Tree, RefusesAKindThatIsNotBelowTheParents) {
  ASSERT_TRUE(add({"dealer-1", "group", "dealer", "Dealer", ""}).ok());
  for (const char* kind : {"brand", "region", "dealer"}) {
    EXPECT_EQ(refusal({"x", "dealer-1", kind, "X", ""}), Code::invalid) << kind;
  }
}

TEST_F(Tree, RefusesASecondRootAndUnknownKinds) {
  for (const char* kind : {"group", "shop", ""}) {
    EXPECT_EQ(refusal({"x", "group", kind, "X", ""}), Code::invalid) << kind;
  }
}

TEST_F(Tree, RefusesATimezoneThatDoesNotExist) {
  EXPECT_EQ(refusal({"x", "group", "brand", "X", "Asia/Nowhere"}), Code::invalid);
}

TEST_F(Tree, RefusesAnEmptyName) {
  EXPECT_EQ(refusal({"x", "group", "brand", "", ""}), Code::invalid);
}

TEST_F(Tree, LevelsMayBeSkipped) {
  EXPECT_TRUE(add({"store-1", "group", "store", "A store", ""}).ok());
}

TEST_F(Tree, TheClosurePairsEachOrgWithItselfAndItsAncestors) {
  ASSERT_TRUE(add({"brand-a", "group", "brand", "Brand A", ""}).ok());
  ASSERT_TRUE(add({"store-1", "brand-a", "store", "A store", ""}).ok());
  std::vector<std::string> pairs;
  for (const auto& pair : closure(*directory_->snapshot()))
    pairs.push_back(pair.id + "<" + pair.ancestor);
  EXPECT_EQ(pairs,
            (std::vector<std::string>{"brand-a<brand-a", "brand-a<group", "group<group",
                                      "store-1<store-1", "store-1<brand-a", "store-1<group"}));
}

}  // namespace
}  // namespace forecourt::org
