#include "sandbox/own_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sandboxed.hpp"

namespace forecourt::sandbox {
namespace {

constexpr uid_t k_user = 64322;

uid_t owner(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_uid : static_cast<uid_t>(-1);
}

class HandOver : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_root()) GTEST_SKIP() << "only root gives files away";
  }
  Sandboxed boxed_;
  const std::string own_ = boxed_.own();
  const std::string secret_ = boxed_.outside("secrets.key");
};

TEST_F(HandOver, DoesNotFollowALink) {
  std::filesystem::create_symlink(secret_, own_ + "/link");
  const auto given = hand_over(own_, k_user, k_user);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().message, own_ + "/link: is neither a file nor a folder; remove it");
  EXPECT_EQ(owner(secret_), 0u);
}

TEST_F(HandOver, RefusesAFileWithASecondName) {
  std::filesystem::create_hard_link(secret_, own_ + "/second");
  const auto given = hand_over(own_, k_user, k_user);
  ASSERT_FALSE(given);
  EXPECT_EQ(given.error().message,
            own_ + "/second: has a second name elsewhere; copy it and remove the name");
  EXPECT_EQ(owner(secret_), 0u);
}

TEST_F(HandOver, RefusesAFolderThatIsALink) {
  std::filesystem::create_directory_symlink(boxed_.outside("other"), boxed_.outside("linked"));
  EXPECT_FALSE(hand_over(boxed_.outside("linked"), k_user, k_user));
  EXPECT_EQ(owner(boxed_.outside("other")), 0u);
}

TEST_F(HandOver, GivesTheFolderAndAllThatIsInIt) {
  std::filesystem::create_directory(own_ + "/inner");
  std::ofstream(own_ + "/inner/store.db") << "x";
  ASSERT_TRUE(hand_over(own_, k_user, k_user));
  for (const char* path : {"", "/inner", "/inner/store.db"})
    EXPECT_EQ(owner(own_ + path), k_user) << path;
}

}  // namespace
}  // namespace forecourt::sandbox
