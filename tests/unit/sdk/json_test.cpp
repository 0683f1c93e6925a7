#include <forecourt/cpp/json.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace {

using fc::Json;

std::string round_trip(std::string_view text) { return Json::parse(text).dump(); }

TEST(Json, WrongTypeNamesWhatWasExpected) {
  try {
    Json("text").integer();
    FAIL();
  } catch (const fc::Error& error) {
    EXPECT_EQ(error.status(), FC_E_INVALID);
    EXPECT_STREQ(error.what(), "expected an integer");
  }
}

TEST(Json, AFractionIsNoInteger) { EXPECT_THROW(Json::parse("3.0").integer(), fc::Error); }

TEST(Json, TwoToThe63IsNoInteger) {
  EXPECT_THROW(Json::parse("9223372036854775808").integer(), fc::Error);
  EXPECT_TRUE(Json::parse("9223372036854775808").is_number());
}

TEST(Json, RefusesAnUnsignedAboveInt64) {
  EXPECT_THROW(Json::array({std::numeric_limits<uint64_t>::max()}), fc::Error);
}

TEST(Json, AMemberOfATextCannotBeSet) {
  Json text("text");
  EXPECT_THROW(text.set("a", 1), fc::Error);
  EXPECT_THROW(text.push(1), fc::Error);
}

TEST(Json, KeepsInt64Exactly) {
  EXPECT_EQ(round_trip("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(round_trip("-9223372036854775808"), "-9223372036854775808");
}

TEST(Json, KeepsDoublesExactly) {
  EXPECT_EQ(Json::parse(Json(0.1).dump()).number(), 0.1);
  EXPECT_EQ(Json::parse("1e-400").number(), 0.0);
}

TEST(Json, NumbersThatJsonCannotSayAreNull) {
  EXPECT_EQ(Json(std::numeric_limits<double>::infinity()).dump(), "null");
  EXPECT_EQ(Json(std::numeric_limits<double>::quiet_NaN()).dump(), "null");
}

TEST(Json, MembersKeepTheirOrder) {
  EXPECT_EQ(round_trip(R"( { "b" : [ 1 , true , null ] , "a" : {} } )"),
            R"({"b":[1,true,null],"a":{}})");
}

TEST(Json, EscapesWhatMustBeEscaped) {
  EXPECT_EQ(Json(std::string("\"\\\n\r\t\x01 \x7F\xE7\x82\xB9")).dump(),
            "\"\\\"\\\\\\n\\r\\t\\u0001 \x7F\xE7\x82\xB9\"");
}

TEST(Json, ReadsEscapesAndSurrogatePairs) {
  EXPECT_EQ(Json::parse(R"("\"\\\/\b\f\n\r\t")").text(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Json::parse(R"("\u00e9\u70b9\uD83D\uDE00")").text(),
            "\xC3\xA9\xE7\x82\xB9\xF0\x9F\x98\x80");
  EXPECT_EQ(Json::parse(R"("\u0000")").text(), std::string(1, '\0'));
}

TEST(Json, SkipsAByteOrderMark) { EXPECT_TRUE(Json::parse("\xEF\xBB\xBF{}").is_object()); }

TEST(Json, ReadsSixtyFourLevels) {
  EXPECT_NO_THROW(Json::parse(std::string(64, '[') + std::string(64, ']')));
}

TEST(Json, AbsentMembersReadAsNull) {
  const Json object = Json::object({{"a", 1}});
  EXPECT_TRUE(object["b"].is_null());
  EXPECT_EQ(object.find("b"), nullptr);
  EXPECT_EQ(Json(3).find("a"), nullptr);
}

TEST(Json, SetReplacesAndPushAppends) {
  Json object;
  object.set("a", 1).set("b", 2).set("a", "one");
  EXPECT_EQ(object.dump(), R"({"a":"one","b":2})");
  Json array;
  array.push(1).push(Json::object());
  EXPECT_EQ(array.dump(), "[1,{}]");
}

TEST(Json, IsMadeFromWhatHandlersHold) {
  const std::optional<std::string> none;
  EXPECT_EQ(Json::object({{"none", none},
                          {"some", std::optional<int64_t>(3)},
                          {"size", std::string("abc").size()},
                          {"flag", true},
                          {"null", nullptr},
                          {"items", Json::array({1, "a", 2.5})}})
                .dump(),
            R"({"none":null,"some":3,"size":3,"flag":true,"null":null,"items":[1,"a",2.5]})");
}

static_assert(!std::is_constructible_v<Json, const int*>, "a pointer is not a boolean");

}  // namespace
