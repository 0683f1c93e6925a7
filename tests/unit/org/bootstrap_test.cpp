#include "org/bootstrap.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

class Bootstrap : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    char folder[] = "/tmp/forecourt-bootstrap-XXXXXX";
    ASSERT_NE(::mkdtemp(folder), nullptr);
    folder_ = folder;
    file_ = folder_ + "/admin.key";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  AdminKey ensure(std::string_view given) {
    auto admin = ensure_admin_key(*directory_, given, file_);
    EXPECT_TRUE(admin.ok()) << (admin ? "" : admin.error().message);
    return admin ? *admin : AdminKey{};
  }
  bool works(std::string_view credential) {
    return directory_->snapshot()->authenticate(credential) != nullptr;
  }
  std::string kept() {
    std::string line;
    std::ifstream in(file_);
    std::getline(in, line);
    return line;
  }

  std::string folder_;
  std::string file_;
};

TEST_F(Bootstrap, RefusesAShortKeyAndNamesTheSetting) {
  const auto admin = ensure_admin_key(*directory_, "too short", file_);
  ASSERT_FALSE(admin.ok());
  EXPECT_NE(admin.error().message.find("FORECOURT_ADMIN_KEY"), std::string::npos);
  EXPECT_TRUE(directory_->snapshot()->keys().empty());
}

TEST_F(Bootstrap, RefusesTheCredentialOfAnotherKey) {
  ASSERT_TRUE(add_key({"group", "till", {"coupons:*"}}, "the till's credential").ok());
  EXPECT_FALSE(ensure_admin_key(*directory_, "the till's credential", file_).ok());
}

TEST_F(Bootstrap, MakesAKeyOnFreshData) {
  const AdminKey admin = ensure("");
  ASSERT_TRUE(admin.generated.starts_with("fck_"));
  EXPECT_EQ(kept(), admin.generated);
  struct stat found {};
  ASSERT_EQ(::stat(file_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  const auto snapshot = directory_->snapshot();
  const Key* key = snapshot->authenticate(admin.generated);
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->org, "group");
  EXPECT_TRUE(key->allows("anything", "at-all"));
}

TEST_F(Bootstrap, ShowsTheKeyOnce) {
  const AdminKey first = ensure("");
  reopen();
  EXPECT_EQ(ensure("").generated, "");
  EXPECT_TRUE(works(first.generated));
}

TEST_F(Bootstrap, AGivenKeyWorksAndIsNotWrittenDown) {
  EXPECT_EQ(ensure("a key of our own").generated, "");
  EXPECT_TRUE(works("a key of our own"));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(Bootstrap, ANewlyGivenKeyReplacesTheFormerOne) {
  ensure("a key of our own");
  reopen();
  ensure("another key of ours");
  EXPECT_TRUE(works("another key of ours"));
  EXPECT_FALSE(works("a key of our own"));
}

TEST_F(Bootstrap, AGivenKeyReplacesTheGeneratedOneAndItsFile) {
  const AdminKey first = ensure("");
  ensure("a key of our own");
  EXPECT_FALSE(works(first.generated));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(Bootstrap, TheGivenKeyStaysWhenItIsNoLongerGiven) {
  ensure("a key of our own");
  reopen();
  EXPECT_EQ(ensure("").generated, "");
  EXPECT_TRUE(works("a key of our own"));
}

TEST_F(Bootstrap, ARenewedKeyReplacesTheFormerOneInItsFile) {
  ensure("a key of our own");
  const auto made = renew_admin_key(*directory_, file_);
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ(kept(), *made);
  EXPECT_FALSE(works("a key of our own"));
  reopen();
  EXPECT_EQ(ensure("").generated, "");
  EXPECT_TRUE(works(*made));
}

TEST_F(Bootstrap, OtherKeysAreLeftAlone) {
  ASSERT_TRUE(add_key({"group", "till", {"coupons:*"}}, "the till's credential").ok());
  ensure("a key of our own");
  ensure("another key of ours");
  EXPECT_TRUE(works("the till's credential"));
}

}  // namespace
}  // namespace forecourt::org
