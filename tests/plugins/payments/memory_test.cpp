// Without memory nothing genuine is called forged or unreadable.

#include <gtest/gtest.h>

#include <new>

#include "plugins/payments/channel.hpp"
#include "rsa_public_key.hpp"
#include "support/openssl_memory.hpp"
#include "wechat_callback.hpp"

namespace payments {
namespace {

TEST(WithoutMemory, AGenuineSignatureIsNotCalledForged) {
  ASSERT_TRUE(openssl_memory::in_place());
  const test::PlatformKey platform("01");
  const auto callback = test::signed_by(platform, "{}", 1'700'000'000);
  wechat::Headers headers;
  for (const auto& [name, value] : callback.headers) {
    if (name.ends_with("Timestamp")) headers.timestamp = value;
    if (name.ends_with("Nonce")) headers.nonce = value;
    if (name.ends_with("Signature")) headers.signature = value;
    if (name.ends_with("Serial")) headers.serial = value;
  }
  const auto key = std::get<RsaPublicKey>(read_pem(platform.public_key_pem()));
  int without = 0;
  openssl_memory::each([&] {
    try {
      EXPECT_TRUE(wechat::signature_holds(headers, callback.body, key));
    } catch (const std::bad_alloc&) {
      ++without;
    }
  });
  EXPECT_GT(without, 0);
}

TEST(WithoutMemory, AGenuineResourceIsNotCalledUnreadable) {
  const std::string sealed =
      test::encrypt(test::k_api_v3_key, test::k_gcm_nonce, "transaction", "plain");
  int without = 0;
  openssl_memory::each([&] {
    try {
      EXPECT_EQ(wechat::decrypt(test::k_api_v3_key, test::k_gcm_nonce, "transaction", sealed),
                "plain");
    } catch (const std::bad_alloc&) {
      ++without;
    }
  });
  EXPECT_GT(without, 0);
}

}  // namespace
}  // namespace payments
