#include "app/secrets_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/app/temp_folder.hpp"

namespace forecourt::app {
namespace {

TEST(SecretsKey, AMissingKeyIsNotReplacedWherePluginsHaveData) {
  TempFolder data;
  data.write("plugins/payments/store.db", "sealed things");
  const auto key = load_secrets_key(data.path());
  ASSERT_FALSE(key.ok());
  EXPECT_NE(key.error().message.find("secrets.key"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(data / "secrets.key"));
}

TEST(SecretsKey, ADamagedKeyIsRefused) {
  TempFolder data;
  data.write("secrets.key", "too short");
  ::chmod((data / "secrets.key").c_str(), 0600);
  EXPECT_FALSE(load_secrets_key(data.path()).ok());
}

TEST(SecretsKey, AKeyOthersMayReadIsRefused) {
  TempFolder data;
  ASSERT_TRUE(load_secrets_key(data.path()).ok());
  ::chmod((data / "secrets.key").c_str(), 0644);
  const auto key = load_secrets_key(data.path());
  ASSERT_FALSE(key.ok());
  EXPECT_NE(key.error().message.find("chmod 600"), std::string::npos);
}

TEST(SecretsKey, IsMadeOnceAndStaysTheSame) {
  TempFolder data;
  const auto made = load_secrets_key(data.path());
  ASSERT_TRUE(made.ok()) << made.error().message;
  struct stat found {};
  ASSERT_EQ(::stat((data / "secrets.key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  const auto again = load_secrets_key(data.path());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *made);
}

}  // namespace
}  // namespace forecourt::app
