#include <forecourt/cpp/fields.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace {

using fc::Json;

struct Line {
  std::string sku;
  int64_t points = 0;
};
FORECOURT_FIELDS(Line, sku, points)

struct Order {
  std::string id;
  std::optional<std::string> note;
  std::vector<Line> lines;
  bool paid = false;
  double weight = 1.5;
  Json extra;
};
FORECOURT_FIELDS(Order, id, note, lines, paid, weight, extra)

struct Wide {
  int64_t a1 = 1, a2 = 2, a3 = 3, a4 = 4, a5 = 5, a6 = 6, a7 = 7, a8 = 8, a9 = 9, a10 = 10,
          a11 = 11, a12 = 12, a13 = 13, a14 = 14, a15 = 15, a16 = 16, a17 = 17, a18 = 18, a19 = 19,
          a20 = 20, a21 = 21, a22 = 22, a23 = 23, a24 = 24, a25 = 25, a26 = 26, a27 = 27, a28 = 28,
          a29 = 29, a30 = 30, a31 = 31, a32 = 32, a33 = 33, a34 = 34, a35 = 35, a36 = 36, a37 = 37,
          a38 = 38, a39 = 39, a40 = 40;
};
FORECOURT_FIELDS(Wide, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17,
                 a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33,
                 a34, a35, a36, a37, a38, a39, a40)

std::string complaint(std::string_view text) {
  try {
    fc::from_json<Order>(Json::parse(text));
  } catch (const fc::Error& error) {
    EXPECT_EQ(error.status(), FC_E_INVALID);
    return error.what();
  }
  return "";
}

TEST(Fields, AWrongTypeIsNamedWithItsPlace) {
  EXPECT_EQ(complaint(R"({"id":3})"), "id: expected a string");
  EXPECT_EQ(complaint(R"({"note":3})"), "note: expected a string");
  EXPECT_EQ(complaint(R"({"lines":{}})"), "lines: expected an array");
  EXPECT_EQ(complaint(R"({"lines":[{},{"points":"3"}]})"), "lines[1].points: expected an integer");
  EXPECT_EQ(complaint(R"({"lines":[3]})"), "lines[0]: expected an object");
  EXPECT_EQ(complaint("[]"), "expected an object");
}

TEST(Fields, IntegersBeyondInt64AreRefused) {
  EXPECT_EQ(complaint(R"({"lines":[{"points":9223372036854775808}]})"),
            "lines[0].points: expected an integer");
}

TEST(Fields, AbsentMembersKeepTheirInitialValue) {
  const auto order = fc::from_json<Order>(Json::parse("{}"));
  EXPECT_EQ(order.weight, 1.5);
  EXPECT_FALSE(order.paid);
  EXPECT_FALSE(order.note);
  EXPECT_TRUE(order.extra.is_null());
}

TEST(Fields, MembersNobodyDeclaredAreIgnored) {
  EXPECT_EQ(fc::from_json<Order>(Json::parse(R"({"id":"o","other":1})")).id, "o");
}

TEST(Fields, NullEmptiesAnOptional) {
  EXPECT_FALSE(fc::from_json<Order>(Json::parse(R"({"note":null})")).note);
}

TEST(Fields, IntegersReadAsDoublesWhereADoubleIsWanted) {
  EXPECT_EQ(fc::from_json<Order>(Json::parse(R"({"weight":2})")).weight, 2.0);
}

TEST(Fields, WhatIsWrittenReadsBackTheSame) {
  const Order order{"o-1",
                    "two \"lines\"",
                    {{"oil", 3}, {"tyre", -4}},
                    true,
                    0.25,
                    Json::object({{"k", Json::array({1})}})};
  const std::string text = fc::to_json_text(order);
  EXPECT_EQ(
      text,
      R"({"id":"o-1","note":"two \"lines\"","lines":[{"sku":"oil","points":3},{"sku":"tyre","points":-4}],)"
      R"("paid":true,"weight":0.25,"extra":{"k":[1]}})");
  EXPECT_EQ(fc::to_json_text(fc::from_json<Order>(Json::parse(text))), text);
}

TEST(Fields, AnEmptyOptionalIsWrittenAsNull) {
  EXPECT_EQ(fc::to_json_text(Order{}),
            R"({"id":"","note":null,"lines":[],"paid":false,"weight":1.5,"extra":null})");
}

TEST(Fields, MapsFortyMembers) {
  const std::string text = fc::to_json_text(Wide{});
  EXPECT_NE(text.find("\"a40\":40}"), std::string::npos);
  EXPECT_EQ(fc::from_json<Wide>(Json::parse(R"({"a40":7})")).a40, 7);
}

}  // namespace
