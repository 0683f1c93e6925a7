#include "org/scope.hpp"

#include <gtest/gtest.h>

#include "org/directory.hpp"

namespace forecourt::org {
namespace {

TEST(Scope, RefusesWhatIsNotAScope) {
  for (const char* text :
       {"", "coupons", "coupons:", ":redeem", "**", "*:*", "*:redeem", "Coupons:redeem", "a:b:c",
        "coupons:re*", "coupons: redeem", "cou pons:redeem", "1coupons:redeem"}) {
    EXPECT_FALSE(check_scope(text).ok()) << text;
  }
}

TEST(Scope, TakesTheThreeForms) {
  for (const char* text :
       {"*", "coupons:*", "coupons:redeem", "admin:keys", "my-plugin:read_all"}) {
    EXPECT_TRUE(check_scope(text).ok()) << text;
  }
}

TEST(Scope, AllowsNothingOfAPluginWhoseNameOnlyStartsAlike) {
  EXPECT_FALSE(scope_allows("coupons:*", "coupons-two", "redeem"));
  EXPECT_FALSE(scope_allows("coupons-two:*", "coupons", "redeem"));
  EXPECT_FALSE(scope_allows("coupons:redeem", "coupons", "redeem_all"));
  EXPECT_FALSE(scope_allows("coupons:redeem", "membership", "redeem"));
}

TEST(Scope, AllowsItsVerbItsPluginOrEverything) {
  EXPECT_TRUE(scope_allows("coupons:redeem", "coupons", "redeem"));
  EXPECT_TRUE(scope_allows("coupons:*", "coupons", "redeem"));
  EXPECT_TRUE(scope_allows("*", "admin", "keys"));
}

TEST(Scope, AWiderOneIsNotCoveredByANarrowerOne) {
  EXPECT_FALSE(scope_covers("coupons:*", "*"));
  EXPECT_FALSE(scope_covers("coupons:redeem", "coupons:*"));
  EXPECT_FALSE(scope_covers("coupons:*", "coupons-two:redeem"));
}

TEST(Scope, CoversItselfAndWhatIsNarrower) {
  EXPECT_TRUE(scope_covers("*", "coupons:*"));
  EXPECT_TRUE(scope_covers("coupons:*", "coupons:redeem"));
  EXPECT_TRUE(scope_covers("coupons:*", "coupons:*"));
  EXPECT_TRUE(scope_covers("coupons:redeem", "coupons:redeem"));
}

TEST(Key, AllowsWhatOneOfItsScopesAllows) {
  const Key key{"key_1", "group", "till", {"coupons:redeem", "membership:*"}, 0, 0};
  EXPECT_FALSE(key.allows("coupons", "issue"));
  EXPECT_TRUE(key.allows("coupons", "redeem"));
  EXPECT_TRUE(key.allows("membership", "read"));
}

}  // namespace
}  // namespace forecourt::org
