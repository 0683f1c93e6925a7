#include "base/pattern.hpp"

#include <gtest/gtest.h>

namespace forecourt {
namespace {

bool matches(const std::string& pattern, const std::string& text) {
  const auto compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled) << compiled.error().message;
  return compiled && compiled->matches(text);
}

TEST(Pattern, RefusesWhatItDoesNotImplement) {
  for (const char* pattern :
       {"\\d",     "[\\d]", "\\w+", "\\s",    "\\b",   "\\B",   "\\D",   "\\1",
        "\\u0041", "\\x41", "\\cA", "\\p{L}", "(?:a)", "(?=a)", "(?!a)", "(?<=a)",
        "(?<n>a)", "a*?",   "a+?",  "a??",    "a**",   "a{2}+", "^*",    "$+"}) {
    EXPECT_FALSE(Pattern::compile(pattern)) << pattern;
  }
}

TEST(Pattern, RefusesWhatIsMalformed) {
  for (const char* pattern :
       {"(",  ")", "(a", "a)",  "[",     "[a",     "[]",      "[^]", "[b-a]", "[[]", "*",
        "+a", "?", "a{", "a{1", "a{,2}", "a{2,1}", "a{1001}", "{1}", "}",     "]",   "\\"}) {
    EXPECT_FALSE(Pattern::compile(pattern)) << pattern;
  }
  EXPECT_FALSE(Pattern::compile("((a{1000}){1000}){1000}")) << "too large";
  EXPECT_FALSE(Pattern::compile(std::string(100, '(') + std::string(100, ')'))) << "too deep";
}

TEST(Pattern, SaysWhatIsWrong) {
  EXPECT_EQ(Pattern::compile("^\\d+$").error().message,
            "pattern \"^\\d+$\": '\\d' is not supported; write the characters out, like [0-9]");
}

struct Row {
  const char* pattern;
  const char* text;
  bool matches;
};

class PatternRow : public ::testing::TestWithParam<Row> {};

TEST_P(PatternRow, Holds) {
  EXPECT_EQ(matches(GetParam().pattern, GetParam().text), GetParam().matches)
      << GetParam().pattern << " on " << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, PatternRow,
    ::testing::Values(
        Row{"b", "abc", true}, Row{"b", "ac", false}, Row{"^b", "ab", false},
        Row{"b$", "bc", false}, Row{"^abc$", "abc", true}, Row{"^abc$", "abcd", false},
        Row{"", "x", true}, Row{"a*", "b", true}, Row{"^a*$", "", true}, Row{"^a+$", "", false},
        Row{"^a?b$", "b", true}, Row{"^a?b$", "aab", false}, Row{"^a|b$", "ax", true},
        Row{"^a|b$", "xb", true}, Row{"^a|b$", "xax", false}, Row{"^(a|b)$", "c", false},
        Row{"^(ab|cd)+$", "abcdab", true}, Row{"^(ab|cd)+$", "abc", false},
        Row{"^[a-c]+$", "abcabc", true}, Row{"^[a-c]+$", "abd", false},
        Row{"^[^a-c]+$", "xyz", true}, Row{"^[^a-c]+$", "xay", false}, Row{"^[a-]$", "-", true},
        Row{"^[\\]\\\\]$", "]", true}, Row{"^[.]$", "a", false}, Row{"^\\.$", ".", true},
        Row{"^\\.$", "a", false}, Row{"^a\\/b\\-c$", "a/b-c", true},
        Row{"^.$", "\xE6\x94\xAF", true}, Row{"^.$", "\n", false},
        Row{"^.{2}$", "\xE6\x94\xAF\xE4\xBB\x98", true},
        Row{"^[\xE4\xB8\x80-\xE9\xBE\xA5]+$", "\xE6\x94\xAF\xE4\xBB\x98", true},
        Row{"^[\xE4\xB8\x80-\xE9\xBE\xA5]+$", "pay", false}, Row{"^a{3}$", "aaa", true},
        Row{"^a{3}$", "aa", false}, Row{"^a{2,}$", "aaaaa", true}, Row{"^a{2,}$", "a", false},
        Row{"^a{1,3}$", "aaaa", false}, Row{"^a{0,2}$", "", true}, Row{"^a{0}b$", "b", true},
        Row{"^(a*)*$", "aaa", true}, Row{"^(a*)*b$", "aaa", false}, Row{"^(a|a)*$", "aaaa", true},
        Row{"^\\t$", "\t", true}, Row{"(^a)|(c$)", "bc", true},
        Row{"^[A-Za-z0-9_-]{1,64}$", "Order-2024_01", true},
        Row{"^[A-Za-z0-9_-]{1,64}$", "a b", false}, Row{"a^b", "ab", false},
        Row{"a$b", "ab", false}));

TEST(Pattern, TakesLinearTimeWhereOthersNeverEnd) {
  EXPECT_FALSE(matches("^(a*)*(a*)*(a*)*$", std::string(10'000, 'a') + "!"));
  EXPECT_FALSE(matches("^(a|aa)+$", std::string(10'000, 'a') + "!"));
}

}  // namespace
}  // namespace forecourt
