#include "base/durable.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace forecourt {
namespace {

namespace fs = std::filesystem;

class Durable : public testing::Test {
 protected:
  Durable() {
    std::string pattern = (fs::temp_directory_path() / "forecourt-durable-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    folder_ = pattern;
  }
  ~Durable() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static std::string content(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  fs::path folder_;
};

TEST_F(Durable, WhatIsNotThereIsNamed) {
  const auto missing = path("nowhere/key");
  for (const auto& done : {sync_file(missing), sync_folder(missing), write_durably(missing, "x")}) {
    ASSERT_FALSE(done);
    EXPECT_NE(done.error().message.find(missing), std::string::npos) << done.error().message;
  }
  std::ofstream(path("file")) << "x";
  EXPECT_FALSE(sync_folder(path("file")));
}

TEST_F(Durable, NoLinkIsFollowed) {
  std::ofstream(path("victim")) << "mine";
  fs::create_symlink(path("victim"), path("key.new"));
  EXPECT_FALSE(write_durably(path("key"), "theirs"));
  EXPECT_EQ(content(path("victim")), "mine");
  // One under the name itself is replaced.
  fs::remove(path("key.new"));
  fs::create_symlink(path("victim"), path("key"));
  ASSERT_TRUE(write_durably(path("key"), "new"));
  EXPECT_EQ(content(path("victim")), "mine");
  EXPECT_FALSE(fs::is_symlink(path("key")));
}

TEST_F(Durable, AFileIsMadeAndReplacedForItsOwnerAlone) {
  ASSERT_TRUE(write_durably(path("key"), "first"));
  ASSERT_TRUE(write_durably(path("key"), std::string("a\0b", 3)));
  EXPECT_EQ(content(path("key")), std::string("a\0b", 3));
  struct stat found {};
  ASSERT_EQ(::stat(path("key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
  EXPECT_FALSE(fs::exists(path("key.new")));
  EXPECT_TRUE(sync_file(path("key")));
  EXPECT_TRUE(sync_folder(folder_.string()));
}

}  // namespace
}  // namespace forecourt
