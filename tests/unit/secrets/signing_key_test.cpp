#include "secrets/signing_key.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "unit/app/temp_folder.hpp"

namespace forecourt::secrets {
namespace {

TEST(SigningKey, RefusesAFileOthersMayReadAndOneThatIsNoKey) {
  TempFolder data;
  ASSERT_TRUE(SigningKey::load_or_make(data / "audit.key").ok());
  ::chmod((data / "audit.key").c_str(), 0640);
  EXPECT_FALSE(SigningKey::load_or_make(data / "audit.key").ok());
  ::chmod((data / "audit.key").c_str(), 0600);
  for (const std::string& bytes :
       {std::string(31, 'k'), std::string(32, 'a') + std::string(32, 'b')}) {
    data.write("audit.key", bytes);
    EXPECT_FALSE(SigningKey::load_or_make(data / "audit.key").ok()) << bytes.size();
  }
}

TEST(SigningKey, RefusesWhatIsNoKeyOrSignature) {
  TempFolder data;
  const auto key = SigningKey::load_or_make(data / "audit.key");
  ASSERT_TRUE(key.ok());
  const std::string signature = key->signature("text");
  EXPECT_FALSE(is_signed("text", signature, "").ok());
  EXPECT_FALSE(is_signed("text", signature, std::string(63, '0') + "g").ok());
  EXPECT_FALSE(is_signed("text", signature.substr(2), key->public_key()).ok());
}

TEST(SigningKey, ASignatureIsOfOneTextAndOneKey) {
  TempFolder data;
  const auto key = SigningKey::load_or_make(data / "audit.key");
  const auto other = SigningKey::load_or_make(data / "other.key");
  ASSERT_TRUE(key.ok() && other.ok());
  const std::string signature = key->signature("text");
  EXPECT_FALSE(*is_signed("texT", signature, key->public_key()));
  EXPECT_FALSE(*is_signed("text", signature, other->public_key()));
  EXPECT_TRUE(*is_signed("text", signature, key->public_key()));
}

TEST(SigningKey, IsMadeOnceAndStaysTheSame) {
  TempFolder data;
  const auto made = SigningKey::load_or_make(data / "audit.key");
  const auto again = SigningKey::load_or_make(data / "audit.key");
  ASSERT_TRUE(made.ok() && again.ok());
  EXPECT_EQ(made->public_key(), again->public_key());
  struct stat found {};
  ASSERT_EQ(::stat((data / "audit.key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace forecourt::secrets
