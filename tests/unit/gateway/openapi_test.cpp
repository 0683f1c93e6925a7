#include "gateway/openapi.hpp"

#include <gtest/gtest.h>

#include "unit/gateway/fixture.hpp"

namespace forecourt::gateway {
namespace {

/// A document with one path item under /v1/demo.
std::string with_path(const std::string& path, const std::string& item) {
  return R"({"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":{")" + path +
         "\":" + item + "}}";
}
const std::string k_rest =
    R"("responses":{"200":{"description":"x"}},"x-forecourt":{"access":"read","scope":"read"}})";
/// A document whose one GET has `members` before the required rest.
std::string with_get(const std::string& members) {
  return with_path("/v1/demo", R"({"get":{"operationId":"op",)" + members + k_rest + "}");
}
std::string with_forecourt(const std::string& members) {
  return with_path(
      "/v1/demo",
      R"({"post":{"operationId":"op","responses":{"200":{"description":"x"}},"x-forecourt":)" +
          members + "}}");
}
std::string with_schema(const std::string& schema) {
  return with_path(
      "/v1/demo",
      R"({"post":{"operationId":"op","requestBody":{"content":{"application/json":{"schema":)" +
          schema + "}}}," + k_rest + "}");
}

struct Row {
  std::string name;
  std::string document;
  std::string why;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class OpenApiRefusal : public ::testing::TestWithParam<Row> {};

TEST_P(OpenApiRefusal, SaysWhereAndWhat) {
  const auto checked = check_openapi("demo", "/v1/demo", GetParam().document);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "openapi.json: " + GetParam().why);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, OpenApiRefusal,
    ::testing::Values(
        Row{"NotJson", "{", "line 1, column 2: Missing a name for object member."},
        Row{"Duplicate", R"({"openapi":"3.1.0","openapi":"3.1.0"})",
            "line 1, column 29: duplicate member \"openapi\""},
        Row{"OldVersion", R"({"openapi":"3.0.3"})", "openapi: must be \"3.1.0\""},
        Row{"NoTitle", R"({"openapi":"3.1.0","info":{}})", "info.title: is missing"},
        Row{"NoPaths", R"({"openapi":"3.1.0","info":{"title":"t"}})", "paths: is missing"},
        Row{"OutsideItsPrefix", with_path("/v1/other", "{}"),
            "paths./v1/other: must be /v1/demo or below it"},
        Row{"LikeItsPrefix", with_path("/v1/demonstration", "{}"),
            "paths./v1/demonstration: must be /v1/demo or below it"},
        Row{"TrailingSlash", with_path("/v1/demo/", "{}"),
            "paths./v1/demo/: segment \"\" must be plain characters or one whole {parameter}"},
        Row{"PartialParameter", with_path("/v1/demo/a{id}", "{}"),
            "paths./v1/demo/a{id}: segment \"a{id}\" must be plain characters or one whole "
            "{parameter}"},
        Row{"EscapedPath", with_path("/v1/demo/%41", "{}"),
            "paths./v1/demo/%41: segment \"%41\" must be plain characters or one whole "
            "{parameter}"},
        Row{"ParameterTwice", with_path("/v1/demo/{a}/{a}", "{}"),
            "paths./v1/demo/{a}/{a}: parameter \"a\" occurs twice"},
        Row{"UnknownMethod", with_path("/v1/demo", R"({"trace":{}})"),
            "paths./v1/demo: \"trace\" is not supported"},
        Row{"NoOperationId", with_path("/v1/demo", "{\"get\":{" + k_rest + "}"),
            "paths./v1/demo.get: operationId must be 1 to 64 of A-Z a-z 0-9 _ -"},
        Row{"NoResponses",
            with_path(
                "/v1/demo",
                R"({"get":{"operationId":"op","x-forecourt":{"access":"read","scope":"read"}}})"),
            "paths./v1/demo.get.responses: at least one answer must be described"},
        Row{"NoForecourt",
            with_path("/v1/demo", R"({"get":{"operationId":"op","responses":{"200":{}}}})"),
            "paths./v1/demo.get.x-forecourt: is missing"},
        Row{"NoAccess", with_forecourt(R"({"scope":"read"})"),
            "paths./v1/demo.post.x-forecourt.access: is missing"},
        Row{"WrongAccess", with_forecourt(R"({"access":"rw","scope":"read"})"),
            "paths./v1/demo.post.x-forecourt.access: must be \"none\", \"read\" or \"write\""},
        Row{"NoScope", with_forecourt(R"({"access":"write"})"),
            "paths./v1/demo.post.x-forecourt.scope: is missing (or say \"public\": true)"},
        Row{"InlineRead", with_forecourt(R"({"access":"read","scope":"any","inline":true})"),
            "paths./v1/demo.post.x-forecourt.inline: only goes with access \"none\""},
        Row{"AuditedRead", with_forecourt(R"({"access":"read","scope":"any","audit":true})"),
            "paths./v1/demo.post.x-forecourt.audit: only goes with access \"write\": an entry is "
            "part "
            "of a commit"},
        Row{"UnknownMember", with_forecourt(R"({"access":"read","scope":"any","cache":1})"),
            "paths./v1/demo.post.x-forecourt.cache: is not a known member"},
        Row{"WrongTimeout", with_forecourt(R"({"access":"read","scope":"any","timeout_ms":0})"),
            "paths./v1/demo.post.x-forecourt.timeout_ms: must be a whole number from 1 to 600000"},
        Row{"GetWithBody", with_get(R"("requestBody":{"content":{"application/json":{}}},)"),
            "paths./v1/demo.get.requestBody: GET takes no body"},
        Row{"UnknownIn",
            with_get(R"("parameters":[{"name":"a","in":"cookie","schema":{"type":"string"}}],)"),
            "paths./v1/demo.get.parameters[0].in: must be path, query or header"},
        Row{"ParameterReference",
            with_get(R"("parameters":[{"$ref":"#/components/parameters/A"}],)"),
            "paths./v1/demo.get.parameters[0].name: is missing (a $ref is not supported here)"},
        Row{"ArrayParameter",
            with_get(R"("parameters":[{"name":"a","in":"query","schema":{"type":"array"}}],)"),
            "paths./v1/demo.get.parameters[0].schema.type: must be one of string, integer, number, "
            "boolean"},
        Row{"ParameterWithoutType",
            with_get(R"("parameters":[{"name":"a","in":"query","schema":{}}],)"),
            "paths./v1/demo.get.parameters[0].schema.type: must be one of string, integer, number, "
            "boolean"},
        Row{"HostsHeader",
            with_get(
                R"("parameters":[{"name":"Authorization","in":"header","schema":{"type":"string"}}],)"),
            "paths./v1/demo.get.parameters[0]: header Authorization belongs to the host and never "
            "reaches a plugin"},
        Row{"ForwardingHeader",
            with_get(
                R"("parameters":[{"name":"X-Forwarded-For","in":"header","schema":{"type":"string"}}],)"),
            "paths./v1/demo.get.parameters[0]: header X-Forwarded-For belongs to the host and "
            "never "
            "reaches a plugin"},
        Row{"ParameterNotInPath",
            with_get(
                R"("parameters":[{"name":"a","in":"path","required":true,"schema":{"type":"string"}}],)"),
            "paths./v1/demo.get: path parameter \"a\" is not in the path"},
        Row{"PathParameterNotDeclared",
            with_path("/v1/demo/{id}", R"({"get":{"operationId":"op",)" + k_rest + "}"),
            "paths./v1/demo/{id}.get: path parameter \"id\" is not declared"},
        Row{"OptionalPathParameter",
            with_path(
                "/v1/demo/{id}",
                R"({"get":{"operationId":"op","parameters":[{"name":"id","in":"path","schema":{"type":"string"}}],)" +
                    k_rest + "}"),
            "paths./v1/demo/{id}.get.parameters[0]: a path parameter must be required"},
        Row{"UnknownKeyword", with_schema(R"({"const":1})"),
            "paths./v1/demo.post.requestBody.content.application/json.schema: keyword \"const\" is "
            "not supported"},
        Row{"BadPattern", with_schema(R"({"properties":{"a":{"pattern":"^\\d$"}}})"),
            "paths./v1/demo.post.requestBody.content.application/json.schema.properties.a.pattern: "
            "pattern \"^\\d$\": "
            "'\\d' is not supported; write the characters out, like [0-9]"},
        Row{"SchemaOfText",
            with_path(
                "/v1/demo",
                R"({"post":{"operationId":"op","requestBody":{"content":{"text/plain":{"schema":{"type":"string"}}}},)" +
                    k_rest + "}"),
            "paths./v1/demo.post.requestBody.content.text/plain: only JSON can have a schema; "
            "leave it out to take raw bytes"},
        Row{"UnusedComponent",
            R"({"openapi":"3.1.0","info":{"title":"t"},"components":{"schemas":{"A":{"if":{}}}},"paths":{}})",
            "components.schemas.A: keyword \"if\" is not supported"},
        Row{"AnswersSchema",
            with_path(
                "/v1/demo",
                R"({"get":{"operationId":"op","responses":{"200":{"description":"x","content":{"application/json":{"schema":{"typo":1}}}}},"x-forecourt":{"access":"read","scope":"read"}}})"),
            "paths./v1/demo.get.responses.200.content.application/json: keyword \"typo\" is not "
            "supported"}),
    [](const auto& row) { return row.param.name; });

TEST(OpenApi, RefusesTheSameShapeTwice) {
  const std::string item =
      R"({"get":{"operationId":"op1","parameters":[{"name":"a","in":"path","required":true,"schema":{"type":"string"}}],)" +
      k_rest + "}";
  std::string other = item;
  other.replace(other.find("op1"), 3, "op2");
  other.replace(other.find("\"a\""), 3, "\"b\"");
  const auto checked =
      check_openapi("demo", "/v1/demo",
                    R"({"openapi":"3.1.0","info":{"title":"t"},"paths":{"/v1/demo/{a}":)" + item +
                        R"(,"/v1/demo/{b}":)" + other + "}}");
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message,
            "openapi.json: paths./v1/demo/{b}: is the same as /v1/demo/{a}");
}

TEST(OpenApi, RefusesAnOperationIdTwice) {
  const std::string item = R"({"get":{"operationId":"op",)" + k_rest +
                           R"(,"delete":{"operationId":"op",)" + k_rest + "}";
  EXPECT_FALSE(check_openapi("demo", "/v1/demo", with_path("/v1/demo", item)));
}

TEST(OpenApi, ReadsOperationsInDocumentOrder) {
  const auto document = json::parse(testing::demo_openapi());
  const auto operations = read_openapi("demo", "/v1/demo", *document);
  ASSERT_TRUE(operations) << operations.error().message;
  ASSERT_EQ(operations->list.size(), 6u);
  EXPECT_EQ(operations->list[0].id, "hello");
  EXPECT_TRUE(operations->list[0].runs_inline);
  EXPECT_EQ(operations->list[3].id, "put_item");
  EXPECT_EQ(operations->list[3].index, 3u);
  EXPECT_EQ(operations->list[3].access, Access::write);
  EXPECT_EQ(operations->list[3].body_max_bytes, 2'000'000);
  EXPECT_EQ(operations->list[3].bodies[0].media_type, "*/*");
  EXPECT_TRUE(operations->list[5].is_public);
  EXPECT_EQ(operations->list[5].bodies[0].schema, nullptr);
}

TEST(OpenApi, LetsAnOperationReplaceAParameterOfItsPath) {
  const auto document =
      json::parse(with_path("/v1/demo",
                            R"({"parameters":[{"name":"a","in":"query","schema":{"type":"string"}}],
          "get":{"operationId":"op","parameters":[{"name":"a","in":"query","required":true,"schema":{"type":"integer"}}],)" +
                                k_rest + "}"));
  const auto operations = read_openapi("demo", "/v1/demo", *document);
  ASSERT_TRUE(operations) << operations.error().message;
  ASSERT_EQ(operations->list[0].parameters.size(), 1u);
  EXPECT_EQ(operations->list[0].parameters[0].type, "integer");
}

// ---- the merged document

json::Document merged(const std::string& extra = "") {
  std::string text = testing::demo_openapi();
  if (!extra.empty()) text.insert(1, extra + ",");
  const auto document = json::parse(text);
  EXPECT_TRUE(document);
  return std::move(*json::parse(merge_openapi({{"demo", &*document}})));
}

TEST(MergedOpenApi, PrefixesOperationIds) {
  const auto document = merged();
  EXPECT_STREQ(document["paths"]["/v1/demo"]["get"]["operationId"].GetString(), "demo_hello");
}

TEST(MergedOpenApi, WritesDownWhoMayCall) {
  const auto document = merged();
  EXPECT_EQ(json::to_text(document["paths"]["/v1/demo"]["get"]["security"]), R"([{"bearer":[]}])");
  EXPECT_EQ(json::to_text(document["paths"]["/v1/demo/notify"]["post"]["security"]), "[]");
}

TEST(MergedOpenApi, AddsWhatTheHostAnswersAndTakes) {
  const auto document = merged();
  const auto& post = document["paths"]["/v1/demo"]["post"];
  for (const char* status : {"200", "400", "401", "403", "413", "415", "422", "429", "503"}) {
    EXPECT_TRUE(post["responses"].HasMember(status)) << status;
  }
  EXPECT_EQ(
      json::to_text(post["parameters"]),
      R"([{"$ref":"#/components/parameters/Forecourt-Org"},{"$ref":"#/components/parameters/Idempotency-Key"}])");
  EXPECT_FALSE(document["paths"]["/v1/demo/notify"]["post"].HasMember("parameters"));
}

TEST(MergedOpenApi, RenamesComponentsAndDropsThoseNobodyUses) {
  const auto document = json::parse(R"({"openapi":"3.1.0","info":{"title":"t"},
    "components":{"schemas":{"A":{"properties":{"b":{"$ref":"#/components/schemas/B"}}},"B":{"type":"string"},"C":{}}},
    "paths":{"/v1/demo":{"post":{"operationId":"op","requestBody":{"content":{"application/json":{"schema":
    {"$ref":"#/components/schemas/A"}}}},"responses":{"200":{"description":"x"}},"x-forecourt":{"access":"read","scope":"any"}}}}})");
  const auto result = json::parse(merge_openapi({{"one", &*document}}));
  const auto& schemas = (*result)["components"]["schemas"];
  EXPECT_TRUE(schemas.HasMember("one.A"));
  EXPECT_TRUE(schemas.HasMember("one.B"));
  EXPECT_FALSE(schemas.HasMember("one.C"));
  EXPECT_TRUE(schemas.HasMember("Problem"));
  EXPECT_STREQ(schemas["one.A"]["properties"]["b"]["$ref"].GetString(),
               "#/components/schemas/one.B");
}

TEST(MergedOpenApi, KeepsTagsApartByPlugin) {
  const auto document = merged(R"("tags":[{"name":"Items","description":"Things."}])");
  EXPECT_EQ(
      json::to_text(document["tags"]),
      R"([{"name":"demo","description":"Demo"},{"name":"demo: Items","description":"Things."}])");
}

}  // namespace
}  // namespace forecourt::gateway
