#include <forecourt/cpp/json.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;

/// Each must be refused with a status, a place, and nothing else.
constexpr std::string_view k_malformed[] = {
    ""sv,
    " "sv,
    "\xEF\xBB\xBF"sv,
    "nul"sv,
    "nulll"sv,
    "True"sv,
    "tru"sv,
    "fals"sv,
    "undefined"sv,
    "NaN"sv,
    "Infinity"sv,
    "-"sv,
    "-a"sv,
    "+1"sv,
    "01"sv,
    "-01"sv,
    "00"sv,
    "1."sv,
    ".5"sv,
    "1.e3"sv,
    "1e"sv,
    "1e+"sv,
    "1E-"sv,
    "0x10"sv,
    "1_000"sv,
    "1e400"sv,
    "-1e400"sv,
    "1 2"sv,
    "1,"sv,
    "["sv,
    "]"sv,
    "[1"sv,
    "[1,"sv,
    "[1,]"sv,
    "[,1]"sv,
    "[1 2]"sv,
    "[1}"sv,
    "[1]]"sv,
    "{"sv,
    "}"sv,
    "{\"a\""sv,
    "{\"a\":"sv,
    "{\"a\":}"sv,
    "{\"a\":1"sv,
    "{\"a\":1,"sv,
    "{\"a\":1,}"sv,
    "{\"a\" 1}"sv,
    "{a:1}"sv,
    "{'a':1}"sv,
    "{1:1}"sv,
    "{\"a\":1 \"b\":2}"sv,
    "{\"a\":1]"sv,
    "{,}"sv,
    "{\"a\":1}{}"sv,
    "\""sv,
    "\"a"sv,
    "'a'"sv,
    "\"\\"sv,
    "\"\\\""sv,
    "\"\\x41\""sv,
    "\"\\u\""sv,
    "\"\\u12\""sv,
    "\"\\u12G4\""sv,
    "\"\\u+123\""sv,
    "\"\\u 123\""sv,
    "\"\\U0041\""sv,
    "\"\\uD800\""sv,
    "\"\\uDC00\""sv,
    "\"\\uD800\\u0041\""sv,
    "\"\\uD800x\""sv,
    "\"\\uD800\\uD800\""sv,
    "\"a\nb\""sv,
    "\"a\tb\""sv,
    "\"a\0b\""sv,
    "\0"sv,
    "1\0"sv,
    "{}\0"sv,
    "\x1A"sv,
    "// c\n1"sv,
    "/**/1"sv,
    "1//"sv,
    "\xFE\xFF\0{\0}"sv,
    "\xFF\xFE{\0}\0"sv,
    "{}\xEF\xBB\xBF"sv,
    "\"\x80\""sv,
    "\"\xC0\x80\""sv,
    "\"\xC1\xBF\""sv,
    "\"\xC3\""sv,
    "\"\xC3(\""sv,
    "\"\xE0\x80\x80\""sv,
    "\"\xE2\x82\""sv,
    "\"\xED\xA0\x80\""sv,
    "\"\xF0\x80\x80\x80\""sv,
    "\"\xF4\x90\x80\x80\""sv,
    "\"\xF5\x80\x80\x80\""sv,
    "\"\xFF\""sv,
    "\"\xE2\x28\xA1\""sv,
    "{\"a\":1,\"a\":2}"sv,
    "{\"a\":1,\"b\":2,\"\\u0061\":3}"sv,
    "{\"\":1,\"\":2}"sv,
    "[{\"a\":1,\"a\":1}]"sv,
    "\xC2\xA0 1"sv,
    "\v1"sv,
    "\f1"sv,
    "[1;2]"sv,
    "{\"a\":1;\"b\":2}"sv,
    "\"a\" \"b\""sv,
    "truefalse"sv,
    "1a"sv,
    "[true false]"sv,
    "--1"sv,
    "1.2.3"sv,
    "1e2e3"sv,
    "\"\\u{41}\""sv,
    "{\"a\"::1}"sv,
    "[[]"sv,
    "{\"a\":{}"sv,
};

TEST(JsonMalformed, EachIsRefusedWithItsPlace) {
  for (const std::string_view text : k_malformed) {
    try {
      const fc::Json read = fc::Json::parse(text);
      ADD_FAILURE() << "accepted: " << testing::PrintToString(std::string(text)) << " as "
                    << read.dump();
    } catch (const fc::Error& error) {
      EXPECT_EQ(error.status(), FC_E_INVALID);
      EXPECT_NE(std::string_view(error.what()).find(" at byte "), std::string_view::npos)
          << error.what();
    }
  }
}

TEST(JsonMalformed, TooDeepIsRefusedBeforeTheStackIsGone) {
  EXPECT_THROW(fc::Json::parse(std::string(66, '[') + std::string(66, ']')), fc::Error);
  EXPECT_THROW(fc::Json::parse(std::string(1'000'000, '[')), fc::Error);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_THROW(fc::Json::parse(objects), fc::Error);
}

TEST(JsonMalformed, EveryPrefixOfADocumentIsRefused) {
  constexpr std::string_view k_document =
      R"({"name":"点é","points":[-1,2.5e3,true,false,null],"nested":{"a":{"b":"\n"}}})";
  ASSERT_NO_THROW(fc::Json::parse(k_document));
  for (size_t n = 0; n < k_document.size(); ++n) {
    EXPECT_THROW(fc::Json::parse(k_document.substr(0, n)), fc::Error) << n;
  }
}

TEST(JsonMalformed, NoFlippedByteDoesMoreThanThrow) {
  constexpr std::string_view k_document = R"({"a":[1,"\u70b9",{"b":-2.5e-3}],"c":true})";
  for (size_t at = 0; at < k_document.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text(k_document);
      text[at] = static_cast<char>(byte);
      try {
        const fc::Json read = fc::Json::parse(text);
        EXPECT_EQ(fc::Json::parse(read.dump()).dump(), read.dump());
      } catch (const fc::Error&) {
      }
    }
  }
}

}  // namespace
