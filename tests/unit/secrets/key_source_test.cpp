#include "secrets/key_source.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "secrets/key_file.hpp"
#include "unit/app/temp_folder.hpp"

namespace forecourt::secrets {
namespace {

const std::string k_hex = std::string(62, '0') + "07";

KeySource source(const TempFolder& data, std::string keys = {}, std::string file = {}) {
  return {data.path(), std::move(keys), std::move(file)};
}

void write_private(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  ::chmod(path.c_str(), 0600);
}

TEST(KeySource, AMissingKeyIsNotReplacedWhereThereIsData) {
  for (const char* file : {"plugins/payments/store.db", "webhooks/store.db"}) {
    TempFolder data;
    data.write(file, "sealed things");
    const auto keys = load_keys(source(data));
    ASSERT_FALSE(keys.ok()) << file;
    EXPECT_NE(keys.error().message.find("secrets.key"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(data / "secrets.key"));
  }
}

TEST(KeySource, WhatIsSetUpBeforeTheFirstStartIsNoReasonToRefuse) {
  TempFolder data;
  data.write("host/store.db", "orgs and manifests");
  EXPECT_TRUE(load_keys(source(data)).ok());
}

TEST(KeySource, AFileThatDoesNotHoldWholeKeysIsRefused) {
  TempFolder data;
  for (const std::string& bytes :
       {std::string(), std::string("too short"), std::string(31, 'k'), std::string(33, 'k'),
        std::string(63, 'k'), std::string(64, 'k'), std::string(33 * 32, 'k')}) {
    write_private(data / "secrets.key", bytes);
    EXPECT_FALSE(load_keys(source(data)).ok()) << bytes.size();
  }
}

TEST(KeySource, AFileOthersMayReadIsRefused) {
  TempFolder data;
  ASSERT_TRUE(load_keys(source(data)).ok());
  ::chmod((data / "secrets.key").c_str(), 0644);
  const auto keys = load_keys(source(data));
  ASSERT_FALSE(keys.ok());
  EXPECT_NE(keys.error().message.find("chmod 600"), std::string::npos);
}

TEST(KeySource, ANamedFileMustBeThere) {
  TempFolder data;
  const auto keys = load_keys(source(data, {}, data / "elsewhere"));
  ASSERT_FALSE(keys.ok());
  EXPECT_NE(keys.error().message.find("secrets-key-file"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(data / "elsewhere"));
}

TEST(KeySource, KeysOfTheEnvironmentMustIncludeThoseOfTheDataFolder) {
  TempFolder data;
  const auto made = load_keys(source(data));
  ASSERT_TRUE(made.ok());
  const auto conflict = load_keys(source(data, k_hex));
  ASSERT_FALSE(conflict.ok());
  EXPECT_NE(conflict.error().message.find(made->ids()[0]), std::string::npos);
  EXPECT_NE(conflict.error().message.find("FORECOURT_SECRETS_KEY"), std::string::npos);
  write_private(data / "secrets.key", std::string(31, '\0') + "\7");
  EXPECT_TRUE(load_keys(source(data, std::string(64, 'a') + "," + k_hex)).ok());
}

TEST(KeySource, IsMadeOnceAndStaysTheSame) {
  TempFolder data;
  const auto made = load_keys(source(data));
  ASSERT_TRUE(made.ok()) << made.error().message;
  struct stat found {};
  ASSERT_EQ(::stat((data / "secrets.key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  EXPECT_EQ(found.st_size, 32);
  const auto again = load_keys(source(data));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->keys(), made->keys());
}

TEST(KeySource, GivenKeysLeaveNothingInTheDataFolder) {
  TempFolder data;
  ASSERT_TRUE(load_keys(source(data, k_hex)).ok());
  EXPECT_FALSE(std::filesystem::exists(data / "secrets.key"));
}

TEST(KeyFile, HoldsWhatWasWritten) {
  TempFolder data;
  const auto ring = Keyring(Key{1}).rotated();
  ASSERT_TRUE(write_key_file(data / "keys", *ring).ok());
  const auto read = read_key_file(data / "keys");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ((*read)->keys(), ring->keys());
  EXPECT_FALSE(std::filesystem::exists(data / "keys.new"));
}

}  // namespace
}  // namespace forecourt::secrets
