#include <gtest/gtest.h>
#include <forecourt/cpp/base64.hpp>

namespace fc {
namespace {

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"", "A", "AA", "AAA", "=", "====", "A===", "AA=A", "AAAAA", "AA A",
                           "AAA\n", "AAA-", "AAA_", "WECHATPAY/SIGNTEST/abc", "AA==AAAA"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

TEST(Base64, RefusesOtherCharactersAndLengthsWithoutPaddingToo) {
  for (const char* text : {"A", "AAAAA", "A===", "AA A", "AAA\n", "AA-_", "=AAA", "AA=A"}) {
    EXPECT_FALSE(from_base64_unpadded(text)) << text;
  }
}

TEST(Base64, ReadsTheVectorsOfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {
      {"Zg==", "f"},        {"Zm8=", "fo"},        {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"}, {"Zm9vYmE=", "fooba"}, {"Zm9vYmFy", "foobar"}};
  for (const auto& [text, bytes] : vectors) {
    EXPECT_EQ(from_base64(text), bytes);
    std::string_view bare = text;
    while (bare.ends_with('=')) bare.remove_suffix(1);
    EXPECT_EQ(from_base64_unpadded(bare), bytes);
  }
  EXPECT_EQ(from_base64("+/+/"), "\xfb\xff\xbf");
  EXPECT_EQ(from_base64_unpadded(""), "");
}

TEST(Base64, DropsTheBitsThatAreLeftOver) {
  const std::string head(42, 'a');
  const auto even = from_base64_unpadded(head + "A");
  ASSERT_TRUE(even);
  EXPECT_EQ(even->size(), 32u);
  // The last of 43 characters carries two bits that belong to nothing.
  for (const char* last : {"B", "C", "D"}) EXPECT_EQ(from_base64_unpadded(head + last), even);
}

}  // namespace
}  // namespace fc
