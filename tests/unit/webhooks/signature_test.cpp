#include "webhooks/signature.hpp"

#include <gtest/gtest.h>

namespace forecourt::webhooks {
namespace {

TEST(Secret, IsRefusedUnlessItIsOne) {
  EXPECT_FALSE(secret_bytes("").ok());
  EXPECT_FALSE(secret_bytes("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").ok()) << "no prefix";
  EXPECT_FALSE(secret_bytes("whsec_").ok());
  EXPECT_FALSE(secret_bytes("whsec_MfKQ9r8GKYqrTwjU").ok()) << "12 bytes";
  EXPECT_FALSE(secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS*").ok());
  EXPECT_FALSE(secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + std::string(64, 'A')).ok())
      << "72 bytes";
}

TEST(Secret, NewOnesHave32BytesAndDiffer) {
  const auto one = secret_bytes(new_secret());
  const auto other = secret_bytes(new_secret());
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(one->size(), 32u);
  EXPECT_NE(*one, *other);
}

TEST(Signature, IsTheOneOfTheStandardsReferenceLibraries) {
  const auto key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(sign(*key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(Signature, CoversIdTimestampAndBody) {
  const std::string key(32, 'k');
  const std::string signature = sign(key, "evt_1", 1, "{}");
  EXPECT_NE(signature, sign(key, "evt_2", 1, "{}"));
  EXPECT_NE(signature, sign(key, "evt_1", 2, "{}"));
  EXPECT_NE(signature, sign(key, "evt_1", 1, "[]"));
  EXPECT_NE(signature, sign(std::string(32, 'l'), "evt_1", 1, "{}"));
}

}  // namespace
}  // namespace forecourt::webhooks
