#include "base/json_schema.hpp"

#include <gtest/gtest.h>

namespace forecourt::json {
namespace {

std::string compile_error(const std::string& schema, const std::string& named = "{}") {
  const auto document = parse(schema);
  const auto names = parse(named);
  SchemaSet set(&*names);
  const auto compiled = set.compile(*document, "schema");
  return compiled ? "accepted" : compiled.error().message;
}

/// "at: detail; at: detail", or "" when the value is valid.
std::string errors(const std::string& schema, const std::string& value,
                   const std::string& named = "{}") {
  const auto document = parse(schema);
  const auto names = parse(named);
  SchemaSet set(&*names);
  const auto compiled = set.compile(*document, "schema");
  if (!compiled) return "does not compile: " + compiled.error().message;
  const auto instance = parse(value);
  if (!instance) return "not JSON: " + instance.error().message;
  std::vector<SchemaError> list;
  const bool good = (*compiled)->validate(*instance, list);
  EXPECT_EQ(good, list.empty());
  std::string text;
  for (const SchemaError& error : list)
    text += (text.empty() ? "" : "; ") + error.at + ": " + error.detail;
  return text;
}

TEST(JsonSchema, RefusesKeywordsItWouldIgnore) {
  for (const char* keyword : {"const",
                              "exclusiveMinimum",
                              "exclusiveMaximum",
                              "multipleOf",
                              "if",
                              "then",
                              "$defs",
                              "definitions",
                              "contains",
                              "propertyNames",
                              "prefixItems",
                              "patternProperties",
                              "dependentRequired",
                              "minProperties",
                              "maxProperties",
                              "unevaluatedProperties",
                              "nullable",
                              "contentEncoding",
                              "$id",
                              "$anchor",
                              "discriminator",
                              "typ"}) {
    EXPECT_EQ(compile_error("{\"" + std::string(keyword) + "\":1}"),
              "schema: keyword \"" + std::string(keyword) + "\" is not supported");
  }
}

TEST(JsonSchema, AcceptsAnnotations) {
  EXPECT_EQ(
      compile_error(
          R"({"title":"t","description":"d","default":1,"example":1,"examples":[1],"deprecated":true,
                              "readOnly":true,"writeOnly":false,"$comment":"c","x-anything":{"const":1}})"),
      "accepted");
}

TEST(JsonSchema, RefusesMalformedKeywords) {
  for (const char* schema : {R"({"type":"text"})",
                             R"({"type":["string","text"]})",
                             R"({"type":1})",
                             R"({"enum":[]})",
                             R"({"enum":1})",
                             R"({"properties":[]})",
                             R"({"required":"a"})",
                             R"({"required":[1]})",
                             R"({"minItems":-1})",
                             R"({"maxLength":1.5})",
                             R"({"uniqueItems":1})",
                             R"({"pattern":"\\d"})",
                             R"({"pattern":1})",
                             R"({"minimum":"1"})",
                             R"({"format":"email"})",
                             R"({"allOf":[]})",
                             R"({"anyOf":{}})",
                             R"({"items":[{}]})",
                             R"({"not":1})",
                             R"({"$ref":"other.json"})",
                             R"({"$ref":"#/components/schemas/Missing"})",
                             "[]",
                             "1"}) {
    EXPECT_NE(compile_error(schema), "accepted") << schema;
  }
}

TEST(JsonSchema, RefusesASchemaThatAppliesItselfWithoutEnd) {
  EXPECT_NE(compile_error(R"({"$ref":"#/components/schemas/A"})",
                          R"({"A":{"$ref":"#/components/schemas/A"}})"),
            "accepted");
  EXPECT_NE(
      compile_error(
          R"({"$ref":"#/components/schemas/A"})",
          R"({"A":{"allOf":[{"$ref":"#/components/schemas/B"}]},"B":{"not":{"$ref":"#/components/schemas/A"}}})"),
      "accepted");
}

TEST(JsonSchema, FollowsReferencesThatDescend) {
  const std::string tree =
      R"({"Tree":{"type":"object","properties":{"left":{"$ref":"#/components/schemas/Tree"},
                                       "value":{"type":"integer"}}}})";
  const std::string schema = R"({"$ref":"#/components/schemas/Tree"})";
  EXPECT_EQ(errors(schema, R"({"left":{"left":{"value":1}}})", tree), "");
  EXPECT_EQ(errors(schema, R"({"left":{"left":{"value":"1"}}})", tree),
            "/left/left/value: must be an integer, not a string");
}

struct Row {
  const char* schema;
  const char* value;
  const char* errors;
};

class JsonSchemaRow : public ::testing::TestWithParam<Row> {};

TEST_P(JsonSchemaRow, Holds) {
  EXPECT_EQ(errors(GetParam().schema, GetParam().value), GetParam().errors);
}

INSTANTIATE_TEST_SUITE_P(
    Types, JsonSchemaRow,
    ::testing::Values(Row{R"({"type":"integer"})", "\"1\"", ": must be an integer, not a string"},
                      Row{R"({"type":"integer"})", "1.5",
                          ": must be an integer, written without fraction or exponent"},
                      Row{R"({"type":"integer"})", "1.0",
                          ": must be an integer, written without fraction or exponent"},
                      Row{R"({"type":"integer"})", "1e2",
                          ": must be an integer, written without fraction or exponent"},
                      Row{R"({"type":"integer"})", "9223372036854775808",
                          ": must be an integer of 64 bits; this one is too large"},
                      Row{R"({"type":"integer"})", "1e30",
                          ": must be an integer of 64 bits; this one is too large"},
                      Row{R"({"type":"integer"})", "-9223372036854775809",
                          ": must be an integer of 64 bits; this one is too large"},
                      Row{R"({"type":"integer"})", "9223372036854775807", ""},
                      Row{R"({"type":"integer"})", "-9223372036854775808", ""},
                      Row{R"({"type":"number"})", "1e30", ""}, Row{R"({"type":"number"})", "1", ""},
                      Row{R"({"type":"number"})", "true", ": must be a number, not a boolean"},
                      Row{R"({"type":"string"})", "null", ": must be a string, not null"},
                      Row{R"({"type":["string","null"]})", "null", ""},
                      Row{R"({"type":["string","null"]})", "1",
                          ": must be a string or null, not a number"},
                      Row{R"({"type":"object"})", "[]", ": must be an object, not an array"},
                      Row{R"({"type":"array"})", "{}", ": must be an array, not an object"},
                      Row{R"({"type":"boolean"})", "0", ": must be a boolean, not a number"},
                      Row{"{}", "[1,null]", ""}));

INSTANTIATE_TEST_SUITE_P(
    Values, JsonSchemaRow,
    ::testing::Values(
        Row{R"({"enum":["a",1,null,{"x":[1]}]})", R"({"x":[1]})", ""},
        Row{R"({"enum":["a",1]})", "1.0", ""},
        Row{R"({"enum":["a",1]})", "\"b\"", ": must be one of \"a\", 1"},
        Row{R"({"minimum":1,"maximum":10})", "0", ": must be at least 1"},
        Row{R"({"minimum":1,"maximum":10})", "10.5", ": must be at most 10"},
        Row{R"({"minimum":-1})", "18446744073709551615", ""}, Row{R"({"maximum":0})", "-5", ""},
        Row{R"({"minimum":9007199254740993})", "9007199254740992",
            ": must be at least 9007199254740993"},
        Row{R"({"minLength":2})", "\"\xE6\x94\xAF\"", ": must be at least 2 characters long"},
        Row{R"({"minLength":1})", "\"\"", ": must not be empty"},
        Row{R"({"maxLength":2})", "\"\xE6\x94\xAF\xE4\xBB\x98\"", ""},
        Row{R"({"maxLength":2})", "\"abc\"", ": must be at most 2 characters long"},
        Row{R"({"pattern":"^a"})", "\"ba\"", ": must match the pattern ^a"},
        Row{R"({"pattern":"a"})", "\"ba\"", ""}, Row{R"({"pattern":"^a"})", "5", ""},
        Row{R"({"format":"int32"})", "2147483648", ": must be an integer of 32 bits"},
        Row{R"({"format":"int64"})", "5", ""},
        Row{R"({"format":"date-time"})", "\"2024-02-30T00:00:00Z\"", ": must be a date-time"},
        Row{R"({"format":"date-time"})", "\"2024-02-29T08:00:00+08:00\"", ""},
        Row{R"({"format":"date"})", "\"2023-02-29\"", ": must be a date"},
        Row{R"({"format":"date"})", "\"2024-02-29\"", ""},
        Row{R"({"format":"uuid"})", "\"0190b6b2-0000-7000-8000-00000000000g\"", ": must be a uuid"},
        Row{R"({"format":"uuid"})", "\"0190b6b2-0000-7000-8000-00000000000f\"", ""},
        Row{R"({"format":"uri"})", "\"/relative\"", ": must be a uri"},
        Row{R"({"format":"uri"})", "\"https://x/%zz\"", ": must be a uri"},
        Row{R"({"format":"uri"})", "\"https://example.org/a?b=c%20d\"", ""}));

INSTANTIATE_TEST_SUITE_P(
    Containers, JsonSchemaRow,
    ::testing::Values(Row{R"({"items":{"type":"integer"}})", R"([1,"x",2.5])",
                          "/1: must be an integer, not a string; /2: must be an integer, written "
                          "without fraction or exponent"},
                      Row{R"({"minItems":1})", "[]", ": must have at least 1 items"},
                      Row{R"({"maxItems":1})", "[1,2]", ": must have at most 1 items"},
                      Row{R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2,"a":1.0}])",
                          ": must not hold an item twice"},
                      Row{R"({"uniqueItems":true})", R"([1,"1",[1],{"a":1}])", ""},
                      Row{R"({"required":["a","b"]})", "{}", "/a: is required; /b: is required"},
                      Row{R"({"properties":{"a":{"type":"string"}},"additionalProperties":false})",
                          R"({"a":1,"b":2})",
                          "/a: must be a string, not a number; /b: is not a known member"},
                      Row{R"({"additionalProperties":{"type":"integer"}})", R"({"x/y~z":"1"})",
                          "/x~1y~0z: must be an integer, not a string"},
                      Row{R"({"properties":{"a":false}})", R"({"a":1})", "/a: is not allowed"},
                      Row{R"({"properties":{"a":true}})", R"({"a":1})", ""}));

INSTANTIATE_TEST_SUITE_P(
    Combined, JsonSchemaRow,
    ::testing::Values(
        Row{R"({"allOf":[{"required":["a"]},{"required":["b"]}]})", "{}",
            "/a: is required; /b: is required"},
        Row{R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "3",
            ": matches none of the 2 allowed forms"},
        Row{R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "7", ""},
        Row{R"({"oneOf":[{"minimum":1},{"minimum":5}]})", "7",
            ": matches more than one of the 2 allowed forms"},
        Row{R"({"oneOf":[{"minimum":1},{"minimum":5}]})", "0",
            ": matches none of the 2 allowed forms"},
        Row{R"({"oneOf":[{"format":"uuid"},{"format":"date"}]})", "\"2024-01-01\"", ""},
        Row{R"({"not":{"type":"string"}})", "\"a\"", ": has a form that is not allowed"},
        Row{R"({"not":{"type":"string"}})", "1", ""}));

TEST(JsonSchema, StopsAtTheMostErrorsAskedFor) {
  const auto document = parse(R"({"items":{"type":"integer"}})");
  SchemaSet set;
  const auto schema = set.compile(*document, "schema");
  std::string text = "[\"\"";
  for (int i = 0; i < 1000; ++i) text += ",\"\"";
  std::vector<SchemaError> list;
  EXPECT_FALSE((*schema)->validate(*parse(text + "]"), list, 5));
  EXPECT_EQ(list.size(), 5u);
}

TEST(JsonSchema, DoesNotMatchAPatternAgainstEndlessText) {
  EXPECT_EQ(errors(R"({"pattern":"a"})", "\"" + std::string(20'000, 'a') + "\""),
            ": is too long to be matched against a pattern");
}

TEST(JsonSchema, FindsADuplicateAmongManyItemsQuickly) {
  std::string text = "[0";
  for (int i = 1; i < 100'000; ++i) text += "," + std::to_string(i);
  EXPECT_EQ(errors(R"({"uniqueItems":true})", text + "]"), "");
  EXPECT_EQ(errors(R"({"uniqueItems":true})", text + ",7]"), ": must not hold an item twice");
}

TEST(JsonSchema, NamesTheScalarTypeOfAParameter) {
  const auto type = [](const char* schema) {
    const auto document = parse(schema);
    const auto named = parse(R"({"Id":{"type":"string"}})");
    SchemaSet set(&*named);
    return std::string((*set.compile(*document, "schema"))->scalar_type());
  };
  EXPECT_EQ(type(R"({"type":"integer"})"), "integer");
  EXPECT_EQ(type(R"({"type":["string","null"]})"), "string");
  EXPECT_EQ(type(R"({"$ref":"#/components/schemas/Id"})"), "string");
  EXPECT_EQ(type(R"({"type":["string","integer"]})"), "");
  EXPECT_EQ(type(R"({"type":"object"})"), "");
}

}  // namespace
}  // namespace forecourt::json
