#include "cli/data_lock.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/app/temp_folder.hpp"

namespace forecourt::cli {
namespace {

TEST(DataLock, ASecondHolderIsRefusedAndToldWhoHolds) {
  TempFolder folder;
  auto first = DataLock::take(folder / "data");
  ASSERT_TRUE(first.ok()) << first.error().message;
  ASSERT_TRUE(first->note_address("127.0.0.1:4711").ok());
  const auto second = DataLock::take(folder / "data");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_NE(second.error().message.find(folder / "data"), std::string::npos);
  EXPECT_NE(second.error().message.find("127.0.0.1:4711"), std::string::npos);
}

TEST(DataLock, RefusesAFileInPlaceOfTheFolder) {
  TempFolder folder;
  folder.write("data", "a file");
  const auto taken = DataLock::take(folder / "data");
  ASSERT_FALSE(taken.ok());
  EXPECT_NE(taken.error().message.find("is not a directory"), std::string::npos)
      << taken.error().message;
}

TEST(DataLock, MakesTheFolderForItsOwnerAlone) {
  TempFolder folder;
  ASSERT_TRUE(DataLock::take(folder / "deep/data").ok());
  struct stat found {};
  ASSERT_EQ(::stat((folder / "deep/data").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700u);
}

TEST(DataLock, IsFreeOnceLetGo) {
  TempFolder folder;
  { ASSERT_TRUE(DataLock::take(folder / "data").ok()); }
  EXPECT_TRUE(DataLock::take(folder / "data").ok());
}

TEST(DataLock, NobodyListensOnAFolderThatIsFreeOrAbsent) {
  TempFolder folder;
  EXPECT_EQ(holder_address(folder / "absent"), "");
  {
    auto lock = DataLock::take(folder / "data");
    ASSERT_TRUE(lock.ok());
    ASSERT_TRUE(lock->note_address("127.0.0.1:4711").ok());
    EXPECT_EQ(holder_address(folder / "data"), "127.0.0.1:4711");
  }
  EXPECT_EQ(holder_address(folder / "data"), "");
}

}  // namespace
}  // namespace forecourt::cli
