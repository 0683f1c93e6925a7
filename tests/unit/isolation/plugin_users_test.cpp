// Which user each isolated plugin gets from a host that runs as root.

#include "isolation/plugin_users.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "support.hpp"

namespace forecourt::isolation {
namespace {

using plugin::test::TempFolder;

class Users : public testing::Test {
 protected:
  /// As a host that starts on this data folder.
  Result<uint32_t> user_of(const std::string& plugin, uint32_t first = 60706,
                           uint32_t last = 60725) {
    PluginUsers users(folder_.path, first, last,
                      [this](uint32_t number) { return accounts_.contains(number); });
    return users.of(plugin);
  }
  void write(const std::string& file, const std::string& text) {
    std::ofstream(folder_.path + "/isolated/" + file) << text;
  }

  TempFolder folder_;
  std::set<uint32_t> accounts_;
};

TEST_F(Users, ARangeThatIsUsedUpIsAnErrorThatNamesTheSetting) {
  ASSERT_TRUE(user_of("hello", 70001, 70002));
  accounts_ = {70001, 70002};
  EXPECT_EQ(user_of("coupons", 70001, 70002).error().message,
            "coupons: no user is left for it of isolation-uids 70001-70002; give a wider range");
}

TEST_F(Users, ADamagedNeighbourIsAnErrorBecauseItsNumberCouldBeGivenTwice) {
  ASSERT_TRUE(user_of("hello"));
  write("coupons.uid", "many\n");
  const auto refused = user_of("hello");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            folder_.path +
                "/isolated/coupons.uid: holds no number of a user; write the owner of "
                "plugins/coupons into it");
}

TEST_F(Users, NoTwoPluginsGetTheSameAndNoneAnAccounts) {
  accounts_ = {60707, 60711};
  std::set<uint32_t> given;
  for (int i = 0; i < 18; ++i) {
    const auto user = user_of("plugin-" + std::to_string(i));
    ASSERT_TRUE(user) << user.error().message;
    EXPECT_TRUE(*user >= 60706 && *user <= 60725 && !accounts_.contains(*user)) << *user;
    EXPECT_TRUE(given.insert(*user).second) << *user;
  }
  EXPECT_FALSE(user_of("one-too-many"));
}

TEST_F(Users, AStartLaterFindsTheSame) {
  const auto first = user_of("hello");
  ASSERT_TRUE(first && user_of("coupons"));
  EXPECT_EQ(*user_of("hello"), *first);
}

TEST_F(Users, AnAccountMadeSinceTakesTheNumberAway) {
  const uint32_t first = *user_of("hello");
  accounts_.insert(first);
  const uint32_t second = *user_of("hello");
  EXPECT_NE(second, first);
  accounts_.clear();
  EXPECT_EQ(*user_of("hello"), second);
}

TEST_F(Users, AnotherRangeIsAnotherUser) {
  ASSERT_TRUE(user_of("hello"));
  const auto moved = user_of("hello", 70000, 70009);
  ASSERT_TRUE(moved);
  EXPECT_TRUE(*moved >= 70000 && *moved <= 70009) << *moved;
}

TEST(Accounts, AreThoseOfTheMachine) {
  EXPECT_TRUE(is_account(0));
  EXPECT_FALSE(is_account(60999));
}

}  // namespace
}  // namespace forecourt::isolation
