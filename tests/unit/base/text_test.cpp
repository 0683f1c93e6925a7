#include <gtest/gtest.h>

#include "base/json_text.hpp"
#include "base/text_format.hpp"
#include "base/utf8.hpp"

namespace forecourt {
namespace {

TEST(Utf8, RefusesWhatRfc3629Refuses) {
  for (const char* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xFE"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(Utf8, KnowsTheLengthOfASequence) {
  EXPECT_EQ(utf8_sequence_length(""), 0u);
  EXPECT_EQ(utf8_sequence_length("a\xFF"), 1u);
  EXPECT_EQ(utf8_sequence_length("\xC3\xA9"), 2u);
  EXPECT_EQ(utf8_sequence_length("\xE6\x94\xAF"), 3u);
  EXPECT_EQ(utf8_sequence_length("\xF4\x8F\xBF\xBF"), 4u);
}

TEST(JsonText, EscapesWhatJsonCannotHold) {
  EXPECT_EQ(json_string("a\"\\\n\r\t\x01/"), "\"a\\\"\\\\\\n\\r\\t\\u0001/\"");
  EXPECT_EQ(json_string("\xE6\x94\xAF\xFF"), "\"\xE6\x94\xAF\xEF\xBF\xBD\"");
}

TEST(TextFormat, KnowsOnlyTheFormatsTheHostChecks) {
  TextFormat format = TextFormat::none;
  for (const char* name : {"email", "ipv4", "hostname", "time", "byte", ""})
    EXPECT_FALSE(parse_text_format(name, format));
  EXPECT_TRUE(parse_text_format("uuid", format));
  EXPECT_EQ(format, TextFormat::uuid);
}

}  // namespace
}  // namespace forecourt
