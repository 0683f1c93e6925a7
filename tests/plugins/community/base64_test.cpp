#include "base64.hpp"

#include <gtest/gtest.h>

#include <string>

#include "plugins/community/wecom.hpp"

namespace community {
namespace {

TEST(WecomBase64, RefusesOtherCharactersAndLengths) {
  for (const char* text : {"A", "AAAAA", "A===", "AA A", "AAA\n", "AA-_", "=AAA"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(WecomBase64, ReadsWithAndWithoutPadding) {
  EXPECT_EQ(from_base64("QQ=="), "A");
  EXPECT_EQ(from_base64("QQ"), "A");
  EXPECT_EQ(from_base64("QUI="), "AB");
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    bytes += static_cast<char>(i * 11);
    EXPECT_EQ(from_base64(test::to_base64(bytes)), bytes);
  }
}

TEST(WecomBase64, DropsTheBitsThatAreLeftOver) {
  const std::string head(42, 'a');
  const auto even = from_base64(head + "A");
  ASSERT_TRUE(even);
  EXPECT_EQ(even->size(), 32u);
  // The last of 43 characters carries two bits that belong to nothing.
  for (const char* last : {"B", "C", "D"}) EXPECT_EQ(from_base64(head + last), even);
}

}  // namespace
}  // namespace community
