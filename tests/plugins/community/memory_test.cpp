// Without memory nothing genuine is called forged or unreadable.

#include <gtest/gtest.h>

#include <new>

#include "plugins/community/wecom.hpp"
#include "support/openssl_memory.hpp"
#include "wecom_crypto.hpp"

namespace community::wecom {
namespace {

TEST(WithoutMemory, AGenuineSignatureIsNotCalledForged) {
  ASSERT_TRUE(openssl_memory::in_place());
  const std::string genuine = test::signature("token", "1", "2", "3");
  int without = 0;
  openssl_memory::each([&] {
    try {
      EXPECT_TRUE(signature_holds("token", {"1", "2", "3"}, genuine));
    } catch (const std::bad_alloc&) {
      ++without;
    }
  });
  EXPECT_GT(without, 0);
}

TEST(WithoutMemory, AGenuineMessageIsNotCalledUnreadable) {
  const std::string sealed = test::encrypt("message", "corp");
  int without = 0;
  openssl_memory::each([&] {
    try {
      const auto plain = decrypt(test::k_aes_key, sealed);
      ASSERT_TRUE(plain);
      EXPECT_EQ(plain->message, "message");
    } catch (const std::bad_alloc&) {
      ++without;
    }
  });
  EXPECT_GT(without, 0);
}

}  // namespace
}  // namespace community::wecom
