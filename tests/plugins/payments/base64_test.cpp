#include "base64.hpp"

#include <gtest/gtest.h>

#include <string>

#include "plugins/payments/channel.hpp"

namespace payments {
namespace {

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"", "A", "AA", "AAA", "=", "====", "A===", "AA=A", "AAAAA", "AA A",
                           "AAA\n", "AAA-", "AAA_", "WECHATPAY/SIGNTEST/abc", "AA==AAAA"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base64, ReadsWhatOpensslWrites) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    bytes += static_cast<char>(i * 7);
    EXPECT_EQ(from_base64(test::to_base64(bytes)), bytes);
  }
}

}  // namespace
}  // namespace payments
