#include "base/json.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace forecourt::json {
namespace {

using std::string_literals::operator""s;

std::string why(const std::string& text, Limits limits = {}) {
  const auto parsed = parse(text, limits);
  return parsed ? "accepted" : parsed.error().message;
}

struct Refusal {
  std::string text;
  std::string why;
};

class JsonRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(JsonRefusal, SaysWhatAndWhere) {
  EXPECT_NE(why(GetParam().text).find(GetParam().why), std::string::npos) << why(GetParam().text);
  Parser parser;
  EXPECT_FALSE(parser.parse(GetParam().text));
}

INSTANTIATE_TEST_SUITE_P(
    All, JsonRefusal,
    ::testing::Values(
        Refusal{"", "line 1"}, Refusal{"{", "line 1, column 2"},
        Refusal{"{}{}", "line 1, column 3"}, Refusal{"{} x", "line 1"}, Refusal{"[1,]", "line 1"},
        Refusal{"{\"a\":1,}", "line 1"}, Refusal{"{'a':1}", "line 1"}, Refusal{"[01]", "line 1"},
        Refusal{"[+1]", "line 1"}, Refusal{"[1.]", "line 1"}, Refusal{"[.5]", "line 1"},
        Refusal{"[NaN]", "line 1"}, Refusal{"[Infinity]", "line 1"}, Refusal{"[0x1]", "line 1"},
        Refusal{"[1e999]", "line 1"}, Refusal{"[\"\x01\"]", "line 1"},
        Refusal{"[\"\\x41\"]", "line 1"}, Refusal{"// c\n1", "line 1"},
        Refusal{"\xEF\xBB\xBF{}", "line 1"}, Refusal{"[\"a\nb\"]", "line 1"},
        Refusal{"[\"\\ud800\"]", "line 1"}, Refusal{"[\"\\udc00\"]", "half a surrogate pair"},
        Refusal{"{\"\\udc00\":1}", "half a surrogate pair"}, Refusal{"[\"\xff\"]", "line 1"},
        Refusal{"[\"\xC0\xAF\"]", "line 1"}, Refusal{"[\"\xED\xA0\x80\"]", "line 1"},
        Refusal{"[\"\xF4\x90\x80\x80\"]", "line 1"}, Refusal{"[\"\xE2\x82\"]", "line 1"},
        Refusal{"[\"\\u0000\"]", "NUL character"}, Refusal{"{\"\\u0000\":1}", "NUL character"},
        Refusal{"{}\0"s, "line 1, column 3: NUL byte"}, Refusal{"{\"a\":\0 1}"s, "NUL byte"},
        Refusal{"{\"a\":1,\n \"a\":2}", "line 2, column 5: duplicate member \"a\""},
        Refusal{"{\"a\":1,\"\\u0061\":2}", "duplicate member \"a\""},
        Refusal{"[{\"x\":{\"b\":1,\"b\":1}}]", "duplicate member \"b\""}));

TEST(Json, RefusesADuplicateAmongManyMembers) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) text += "\"m" + std::to_string(i) + "\":1,";
  EXPECT_NE(why(text + "\"m7\":2}").find("duplicate member \"m7\""), std::string::npos);
  EXPECT_EQ(why(text + "\"n\":2}"), "accepted");
}

TEST(Json, RefusesNestingBelowTheLimit) {
  const auto nested = [](int levels) {
    return std::string(static_cast<size_t>(levels), '[') +
           std::string(static_cast<size_t>(levels), ']');
  };
  EXPECT_EQ(why(nested(32)), "accepted");
  EXPECT_NE(why(nested(33)).find("nested deeper than 32 levels"), std::string::npos);
  EXPECT_NE(why(nested(100'000)).find("nested deeper"), std::string::npos);
  EXPECT_NE(why(nested(5), {.depth = 4}).find("nested deeper than 4"), std::string::npos);
}

TEST(Json, KeepsIntegersExact) {
  const auto parsed = parse("[9223372036854775807,-9223372036854775808,9223372036854775808,1.0]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)[0].GetInt64(), INT64_MAX);
  EXPECT_EQ((*parsed)[1].GetInt64(), INT64_MIN);
  EXPECT_FALSE((*parsed)[2].IsInt64());
  EXPECT_FALSE((*parsed)[3].IsInt64());
}

TEST(Json, RefusesNumbersThatNoDoubleHolds) {
  for (const char* text : {"1e309", "-1e309", "[1,2e999999999]"}) {
    const auto parsed = parse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().message.find("Number too big"), std::string::npos);
  }
}

TEST(Json, ConvertsNumbersToTheNearestDouble) {
  const std::pair<const char*, double> rows[] = {{"0e300", 0.0},
                                                 {"0.0e-999", 0.0},
                                                 {"1e-400", 0.0},
                                                 {"0.1", 0.1},
                                                 {"5e-324", 5e-324},
                                                 {"1.7976931348623157e308", 1.7976931348623157e308},
                                                 {"18446744073709551616", 18446744073709551616.0},
                                                 {"-9223372036854775809", -9223372036854775809.0}};
  for (const auto& [text, number] : rows) {
    const auto parsed = parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->GetDouble(), number) << text;
    EXPECT_FALSE(parsed->IsInt64()) << text;
  }
  EXPECT_EQ(parse("18446744073709551615")->GetUint64(), UINT64_MAX);
  EXPECT_EQ(parse("-0")->GetInt(), 0);
}

TEST(Json, AcceptsEveryPlaneOfUnicode) {
  const auto parsed = parse("[\"\xE6\x94\xAF\xE4\xBB\x98 \xF0\x9F\x8E\xAB \\ud83c\\udfab\"]");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(view((*parsed)[0]), "\xE6\x94\xAF\xE4\xBB\x98 \xF0\x9F\x8E\xAB \xF0\x9F\x8E\xAB");
}

TEST(Json, NamesTheFileInItsErrors) {
  EXPECT_EQ(parse_file("/nonexistent.json").error().message,
            "/nonexistent.json: cannot be opened for reading");
  const std::string path = (std::filesystem::temp_directory_path() / "fc-json-test.json").string();
  std::ofstream(path) << "{";
  EXPECT_EQ(parse_file(path).error().message.find(path + ": line 1"), 0u);
  std::filesystem::remove(path);
}

TEST(JsonParser, CanBeUsedAgainAndAgain) {
  Parser parser;
  for (int i = 0; i < 3; ++i) {
    const auto parsed = parser.parse("{\"n\":" + std::to_string(i) + ",\"t\":\"" +
                                     std::string(100'000, 'x') + "\"}");
    ASSERT_TRUE(parsed);
    EXPECT_EQ((**parsed)["n"].GetInt(), i);
    EXPECT_FALSE(parser.parse("{"));
  }
}

}  // namespace
}  // namespace forecourt::json
