#include "config/config_values.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace forecourt::config {
namespace {

constexpr std::string_view k_schema = R"({"type":"object","required":["rate"],"properties":{
  "rate":{"type":"integer","minimum":0,"default":1},
  "batch":{"type":["string","null"],"default":null},
  "box":{"type":"object","properties":{"value":{"type":"integer"},"locked":{"type":"boolean"}}},
  "name":{"type":"string"}}})";

struct ConfigValuesTest : testing::Test {
  ConfigSchema schema = *ConfigSchema::compile(k_schema, "config");
  const std::vector<std::string_view> store = {"store-12", "brand", "group"};

  ConfigValues values(std::string_view text) {
    auto parsed = ConfigValues::parse(*json::parse(text), schema, "m: config");
    EXPECT_TRUE(parsed) << parsed.error().message;
    return *parsed;
  }
  std::string at_store(const ConfigValues& values, std::string_view key) {
    const auto found = values.effective(schema, store, key);
    return found ? std::string(*found) : "none";
  }
  std::string refusal(std::string_view text) {
    auto parsed = ConfigValues::parse(*json::parse(text), schema, "m: config");
    return parsed ? "accepted" : parsed.error().message;
  }
};

TEST_F(ConfigValuesTest, WrongValuesAreRefusedAtTheirPlace) {
  EXPECT_EQ(refusal(R"([])"), "m: config: must be an object of orgs");
  EXPECT_EQ(refusal(R"({"group":3})"), "m: config.group: must be an object of settings");
  EXPECT_EQ(refusal(R"({"group":{"rate":"x"}})"),
            "m: config.group: rate: must be an integer, not a string");
  EXPECT_EQ(refusal(R"({"group":{"rate":{"value":-1,"locked":true}}})"),
            "m: config.group: rate: must be at least 0");
  EXPECT_EQ(refusal(R"({"group":{"speed":1}})"), "m: config.group: speed: is not a known member");
  EXPECT_NE(refusal(R"({"group":{"rate":{"value":1,"lock":true}}})"), "accepted");
}

TEST_F(ConfigValuesTest, NobodyNeedsToSetEverything) {
  EXPECT_EQ(refusal(R"({"group":{"name":"x"},"store-12":{}})"), "accepted");
}

TEST_F(ConfigValuesTest, WithoutAValueTheDefaultHoldsIfThereIsOne) {
  const ConfigValues none = values("{}");
  EXPECT_EQ(at_store(none, "rate"), "1");
  EXPECT_EQ(at_store(none, "batch"), "null");
  EXPECT_EQ(at_store(none, "name"), "none");
  EXPECT_EQ(at_store(none, "unheard of"), "none");
}

TEST_F(ConfigValuesTest, TheNearestOrgUpwardWins) {
  const ConfigValues set =
      values(R"({"group":{"rate":2},"brand":{"rate":3},"store-13":{"rate":9}})");
  EXPECT_EQ(at_store(set, "rate"), "3");
  EXPECT_EQ(*set.effective(schema, std::vector<std::string_view>{"group"}, "rate"), "2");
}

TEST_F(ConfigValuesTest, AnAncestorsLockWinsAndTheHighestOfTwo) {
  EXPECT_EQ(
      at_store(values(R"({"brand":{"rate":{"value":3,"locked":true}},"store-12":{"rate":4}})"),
               "rate"),
      "3");
  EXPECT_EQ(
      at_store(
          values(
              R"({"group":{"rate":{"value":2,"locked":true}},"brand":{"rate":{"value":3,"locked":true}},
                               "store-12":{"rate":4}})"),
          "rate"),
      "2");
  EXPECT_EQ(
      at_store(values(R"({"brand":{"rate":{"value":3,"locked":false}},"store-12":{"rate":4}})"),
               "rate"),
      "4");
}

TEST_F(ConfigValuesTest, ALockNamesItsOrgAndAnOrgIsNotLockedByItself) {
  const ConfigValues set = values(R"({"group":{"rate":{"value":2,"locked":true}}})");
  EXPECT_EQ(set.locked_by(store, "rate"), "group");
  EXPECT_EQ(set.locked_by(std::vector<std::string_view>{"group"}, "rate"), "");
  EXPECT_EQ(set.locked_by(store, "batch"), "");
}

TEST_F(ConfigValuesTest, AllValuesInForceAreOneObject) {
  EXPECT_EQ(values(R"({"brand":{"name":"B"}})").effective_json(schema, store),
            R"({"batch":null,"name":"B","rate":1})");
}

TEST_F(ConfigValuesTest, AnOrgsOwnValuesAreReplacedAsAWhole) {
  const ConfigValues before = values(R"({"brand":{"name":"B","rate":5}})");
  auto after = before.with("brand", *json::parse(R"({"rate":6})"), schema, "config.brand");
  ASSERT_TRUE(after);
  EXPECT_EQ(at_store(*after, "rate"), "6");
  EXPECT_EQ(at_store(*after, "name"), "none");
  EXPECT_EQ(at_store(before, "name"), "\"B\"");
  EXPECT_FALSE(before.with("brand", *json::parse(R"({"rate":-6})"), schema, "config.brand"));
}

TEST_F(ConfigValuesTest, AreWrittenAsTheyAreRead) {
  const ConfigValues set = values(
      R"({"group":{"rate":{"value":2,"locked":true},"box":{"value":{"value":1,"locked":true},"locked":false}}})");
  const ConfigValues again = values(set.to_json());
  EXPECT_EQ(again.to_json(), set.to_json());
  EXPECT_EQ(at_store(again, "box"), R"({"value":1,"locked":true})");
  EXPECT_EQ(again.locked_by(store, "rate"), "group");
}

}  // namespace
}  // namespace forecourt::config
