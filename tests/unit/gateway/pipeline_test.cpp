// A request through routing, admission and validation, without a socket.
#include "gateway/pipeline.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "base/json.hpp"
#include "unit/gateway/fixture.hpp"

namespace forecourt::gateway::testing {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class PipelineTest : public ::testing::Test {
 protected:
  Pipeline& pipeline() {
    if (!pipeline_) {
      Pipeline::Parts parts;
      parts.limits = limits_;
      parts.clock = &clock_;
      parts.directory = &directory_;
      parts.spool_folder = std::filesystem::temp_directory_path().string();
      parts.access_log = false;
      pipeline_.emplace(std::move(parts));
      const auto published = pipeline_->publish(services_);
      EXPECT_TRUE(published) << published.error().message;
    }
    return *pipeline_;
  }
  http::Response call(const std::string& method, const std::string& target) {
    return call(method, target, as("admin"));
  }
  http::Response call(const std::string& method, const std::string& target, Headers headers,
                      const std::string& body = "") {
    std::optional<http::Response> answer;
    pipeline().call(method, target, std::move(headers), body,
                    [&](http::Response response) { answer = std::move(response); });
    EXPECT_TRUE(answer);
    return answer ? *answer : http::Response{};
  }
  static Headers as(const std::string& key) { return as(key, {}); }
  static Headers as(const std::string& key, Headers more) {
    more.emplace_back("Authorization", "Bearer secret-" + key);
    return more;
  }
  static Headers with_json(Headers headers) {
    headers.emplace_back("Content-Type", "application/json");
    return headers;
  }
  static std::string code(const http::Response& response) {
    const auto document = json::parse(response.body);
    return document ? std::string(json::text(*document, "code")) : "not JSON: " + response.body;
  }
  /// What the echoing handler saw.
  static std::string seen(const http::Response& response, const char* name) {
    const auto document = json::parse(response.body);
    if (!document || response.status != 200)
      return "status " + std::to_string(response.status) + response.body;
    return std::string(json::text(*document, name));
  }
  static std::string header(const http::Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }

  ManualClock clock_;
  FixedDirectory directory_{clock_.now_ms()};
  Limits limits_;
  std::vector<http::Service> services_{demo_service()};
  std::optional<Pipeline> pipeline_;
};

// ---- authentication

TEST_F(PipelineTest, RefusesWithoutACredential) {
  const http::Response response = call("GET", "/v1/demo", {});
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(code(response), "unauthenticated");
  EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer");
}

TEST_F(PipelineTest, RefusesCredentialsThatAreNone) {
  for (const char* authorization : {"", "Bearer", "Bearer ", "Bearer unknown", "Basic c2VjcmV0",
                                    "secret-admin", "Bearersecret-admin", "Bearer secret-admin x",
                                    "Bearer secret-admi", "Bearer secret-expired"}) {
    const http::Response response = call("GET", "/v1/demo", {{"Authorization", authorization}});
    EXPECT_EQ(response.status, 401) << authorization;
    EXPECT_EQ(code(response), "unauthenticated");
  }
}

TEST_F(PipelineTest, TakesTheSchemeInAnyCase) {
  EXPECT_EQ(call("GET", "/v1/demo", {{"authorization", "bearer secret-admin"}}).status, 200);
}

TEST_F(PipelineTest, TellsTheHandlerWhoCalls) {
  const http::Response response = call("GET", "/v1/demo", as("north"));
  EXPECT_EQ(seen(response, "caller"), "key_north");
  EXPECT_EQ(seen(response, "org"), "north");
}

TEST_F(PipelineTest, AKeysEndIsSeenAtOnceEvenWhenTheConnectionIsOld) {
  CallerCache cache;
  RequestHead head;
  head.method = "GET";
  head.target = "/v1/demo";
  ASSERT_EQ(parse_target(head.target, head.url), nullptr);
  head.add("Authorization", "Bearer secret-admin");
  EXPECT_TRUE(pipeline().open(head, cache).exchange);
  head.clear();
  head.method = "GET";
  head.target = "/v1/demo";
  ASSERT_EQ(parse_target(head.target, head.url), nullptr);
  head.add("Authorization", "Bearer secret-expired");
  EXPECT_FALSE(pipeline().open(head, cache).exchange);
}

// ---- scopes and orgs

TEST_F(PipelineTest, RefusesAKeyWithoutTheScope) {
  const http::Response response = call("GET", "/v1/demo/items/1", as("other"));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(code(response), "forbidden");
  EXPECT_EQ(call("PUT", "/v1/demo/items/1", as("reader"), "").status, 403);
  EXPECT_EQ(call("GET", "/v1/demo/items/1", as("reader")).status, 200);
}

TEST_F(PipelineTest, LetsAnyValidKeyCallWhatAsksForNoScope) {
  EXPECT_EQ(call("GET", "/v1/demo", as("other")).status, 200);
}

TEST_F(PipelineTest, NarrowsToADescendantOnly) {
  EXPECT_EQ(seen(call("GET", "/v1/demo", as("north", {{"Forecourt-Org", "store-1"}})), "org"),
            "store-1");
  EXPECT_EQ(seen(call("GET", "/v1/demo", as("north", {{"Forecourt-Org", "north"}})), "org"),
            "north");
  for (const char* org : {"group", "south", "nowhere", "", "NORTH"}) {
    const http::Response response = call("GET", "/v1/demo", as("north", {{"Forecourt-Org", org}}));
    EXPECT_EQ(response.status, 403) << org;
    EXPECT_EQ(response.body,
              call("GET", "/v1/demo", as("north", {{"Forecourt-Org", "nowhere"}})).body);
  }
}

TEST_F(PipelineTest, GivesAPublicOperationNeitherCallerNorOrg) {
  const http::Response response =
      call("POST", "/v1/demo/notify", with_json(as("north", {{"Forecourt-Org", "store-1"}})),
           "not even JSON");
  EXPECT_EQ(seen(response, "caller"), "public");
  EXPECT_EQ(seen(response, "org"), "");
  EXPECT_EQ(seen(response, "body"), "not even JSON");
}

// ---- rate limit

TEST_F(PipelineTest, LimitsTheRateOfEachKey) {
  limits_.rate_per_s = 10;
  limits_.rate_burst = 3;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call("GET", "/v1/demo", as("admin")).status, 200);
  const http::Response refused = call("GET", "/v1/demo", as("admin"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code(refused), "too-many-requests");
  EXPECT_EQ(header(refused, "Retry-After"), "1");
  EXPECT_EQ(header(refused, "RateLimit"), "\"default\";r=0;t=1");
  EXPECT_EQ(call("GET", "/v1/demo", as("north")).status, 200) << "another key has its own";
  clock_.advance_ms(100);
  EXPECT_EQ(call("GET", "/v1/demo", as("admin")).status, 200);
  EXPECT_EQ(call("GET", "/v1/demo", as("admin")).status, 429);
}

TEST_F(PipelineTest, LimitsNothingUnlessTold) {
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(call("GET", "/v1/demo").status, 200);
}

// ---- routing

TEST_F(PipelineTest, AnswersForPathsThatAreNone) {
  EXPECT_EQ(code(call("GET", "/v1/nothing")), "not-found");
  EXPECT_EQ(code(call("PATCH", "/v1/demo")), "method-not-allowed");
  EXPECT_EQ(call("BREW", "/v1/demo").status, 501);
  EXPECT_EQ(call("GET", "/v1/demo%2Fitems").status, 400);
}

TEST_F(PipelineTest, DecodesPathParameters) {
  const http::Response response = call("GET", "/v1/d%65mo/items/%E6%94%AF%20%3F+");
  EXPECT_NE(response.body.find("\"id\":\"\xE6\x94\xAF ?+\""), std::string::npos) << response.body;
}

TEST_F(PipelineTest, SaysWhyAPluginIsNotThere) {
  services_[0].handler = nullptr;
  services_[0].unavailable = "migration 0003 failed";
  services_.push_back({"ghost", "/v1/ghost", "", nullptr, "does not load"});
  const http::Response response = call("GET", "/v1/demo");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(code(response), "plugin-unavailable");
  EXPECT_NE(response.body.find("migration 0003 failed"), std::string::npos);
  EXPECT_NE(header(response, "Retry-After"), "");
  EXPECT_NE(call("POST", "/v1/ghost/x").body.find("does not load"), std::string::npos);
}

TEST_F(PipelineTest, KeepsTheReasonFromThoseWithoutAKey) {
  services_[0].handler = nullptr;
  services_[0].unavailable = "secret reason";
  services_.push_back({"ghost", "/v1/ghost", "", nullptr, "secret reason"});
  for (const char* path : {"/v1/demo/notify", "/v1/ghost"}) {
    const http::Response response = call("POST", path, {});
    EXPECT_EQ(response.status, 503) << path;
    EXPECT_EQ(response.body.find("secret reason"), std::string::npos);
  }
  EXPECT_EQ(call("GET", "/v1/demo", {}).status, 401);
}

TEST_F(PipelineTest, ServesWhatIsPublishedLast) {
  EXPECT_EQ(call("GET", "/v1/demo").status, 200);
  ASSERT_TRUE(pipeline().publish({}));
  EXPECT_EQ(call("GET", "/v1/demo").status, 404);
}

TEST_F(PipelineTest, KeepsServingWhenANewSetIsRefused) {
  http::Service wrong = demo_service();
  wrong.openapi = "{}";
  EXPECT_FALSE(pipeline().publish({wrong}));
  EXPECT_EQ(call("GET", "/v1/demo").status, 200);
}

// ---- parameters

struct ParameterRow {
  const char* target;
  const char* errors;
};

class PipelineParameter : public PipelineTest,
                          public ::testing::WithParamInterface<ParameterRow> {};

TEST_P(PipelineParameter, IsRefusedByName) {
  const http::Response response = call("GET", GetParam().target);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(code(response), "invalid-parameter");
  EXPECT_NE(response.body.find("\"errors\":" + std::string(GetParam().errors)), std::string::npos)
      << response.body;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, PipelineParameter,
    ::testing::Values(
        ParameterRow{
            "/v1/demo?nmae=Ada",
            R"([{"in":"query","at":"nmae","detail":"is not a parameter of this operation"}])"},
        ParameterRow{"/v1/demo?name=",
                     R"([{"in":"query","at":"name","detail":"must not be empty"}])"},
        ParameterRow{"/v1/demo?name",
                     R"([{"in":"query","at":"name","detail":"must not be empty"}])"},
        ParameterRow{"/v1/demo?name=a&name=b",
                     R"([{"in":"query","at":"name","detail":"is given twice"}])"},
        ParameterRow{"/v1/demo?name=a&n%61me=b",
                     R"([{"in":"query","at":"name","detail":"is given twice"}])"},
        ParameterRow{"/v1/demo?limit=ten",
                     R"([{"in":"query","at":"limit","detail":"must be an integer of 64 bits"}])"},
        ParameterRow{"/v1/demo?limit=1.5",
                     R"([{"in":"query","at":"limit","detail":"must be an integer of 64 bits"}])"},
        ParameterRow{"/v1/demo?limit=+5",
                     R"([{"in":"query","at":"limit","detail":"must be an integer of 64 bits"}])"},
        ParameterRow{"/v1/demo?limit=%205",
                     R"([{"in":"query","at":"limit","detail":"must be an integer of 64 bits"}])"},
        ParameterRow{"/v1/demo?limit=05",
                     R"([{"in":"query","at":"limit","detail":"must be an integer of 64 bits"}])"},
        ParameterRow{"/v1/demo?limit=0x5",
                     R"([{"in":"query","at":"limit","detail":"must be an integer of 64 bits"}])"},
        ParameterRow{"/v1/demo?limit=9223372036854775808",
                     R"([{"in":"query","at":"limit","detail":"must be an integer of 64 bits"}])"},
        ParameterRow{"/v1/demo?limit=0",
                     R"([{"in":"query","at":"limit","detail":"must be at least 1"}])"},
        ParameterRow{
            "/v1/demo?limit=101&x=1",
            R"([{"in":"query","at":"limit","detail":"must be at most 100"},{"in":"query","at":"x","detail":"is not a parameter of this operation"}])"}));

TEST_F(PipelineTest, ReadsQueryParametersAsAFormWritesThem) {
  const http::Response response = call("GET", "/v1/demo?&name=Ada+L%2Bvelace&limit=7&");
  EXPECT_NE(response.body.find(R"("parameters":{"name":"Ada L+velace","limit":"7"})"),
            std::string::npos)
      << response.body;
}

TEST_F(PipelineTest, PassesOnDeclaredHeadersOnly) {
  const http::Response response =
      call("GET", "/v1/demo", as("admin", {{"x-shade", "dark"}, {"X-Other", "1"}}));
  EXPECT_NE(response.body.find(R"("parameters":{"X-Shade":"dark"})"), std::string::npos)
      << response.body;
  EXPECT_EQ(call("GET", "/v1/demo", as("admin", {{"X-Shade", "grey"}})).status, 400);
  EXPECT_EQ(call("GET", "/v1/demo", as("admin", {{"X-Shade", "\xFF"}})).status, 400);
}

// ---- bodies

TEST_F(PipelineTest, RefusesBodiesThatAreNotTheSchemas) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "a body is required"},
      {"{", "the body is not acceptable JSON"},
      {"{\"name\":\"a\",\"name\":\"b\"}", "duplicate member"},
      {"{\"name\":\"\xFF\"}", "not acceptable JSON"},
      {"{\"name\":\"\\u0000\"}", "NUL character"},
      {"{}", "/name: is required"},
      {"[]", "the body must be an object, not an array"},
      {"{\"name\":1}", "/name: must be a string, not a number"},
      {"{\"name\":\"a\",\"x\":1}", "/x: is not a known member"},
      {"{\"name\":\"a\",\"points\":-1}", "/points: must be at least 0"},
      {"{\"name\":\"a\",\"points\":9223372036854775808}",
       "/points: must be an integer of 64 bits; this one is too large"},
      {"{\"name\":\"a\",\"points\":\"3\"}", "/points: must be an integer, not a string"}};
  for (const auto& [body, why] : rows) {
    const http::Response response = call("POST", "/v1/demo", with_json(as("admin")), body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(code(response), "invalid-body") << body;
    EXPECT_NE(response.body.find(why), std::string::npos) << response.body;
  }
}

TEST_F(PipelineTest, RefusesDeepNesting) {
  const http::Response response = call("POST", "/v1/demo", with_json(as("admin")),
                                       std::string(1000, '[') + std::string(1000, ']'));
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body.find("nested deeper than 32 levels"), std::string::npos);
}

TEST_F(PipelineTest, RefusesOtherMediaTypes) {
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                           "", "application/json; charset=gbk"}) {
    const http::Response response =
        call("POST", "/v1/demo", as("admin", {{"Content-Type", type}}), "{\"name\":\"a\"}");
    EXPECT_EQ(response.status, 415) << type;
    EXPECT_EQ(code(response), "unsupported-media-type");
  }
  EXPECT_EQ(call("POST", "/v1/demo", as("admin"), "{\"name\":\"a\"}").status, 415);
  for (const char* type : {"application/json", "Application/JSON;charset=UTF-8",
                           "application/json ; charset=\"utf-8\""}) {
    EXPECT_EQ(
        call("POST", "/v1/demo", as("admin", {{"Content-Type", type}}), "{\"name\":\"a\"}").status,
        200)
        << type;
  }
}

TEST_F(PipelineTest, RefusesABodyNobodyReads) {
  EXPECT_EQ(call("GET", "/v1/demo", with_json(as("admin")), "{}").status, 400);
}

TEST_F(PipelineTest, RefusesABodyAboveTheOperationsLimit) {
  EXPECT_EQ(call("PUT", "/v1/demo/items/1", as("admin"), std::string(2'000'001, 'x')).status, 413);
  EXPECT_EQ(call("PUT", "/v1/demo/items/1", as("admin"), std::string(2'000'000, 'x')).status, 200);
  EXPECT_EQ(call("POST", "/v1/demo", with_json(as("admin")), std::string(1'100'000, ' ')).status,
            413);
}

// ---- idempotency

TEST_F(PipelineTest, ReadsAnIdempotencyKeyInBothForms) {
  for (const char* key : {"abc-1", "\"abc-1\""}) {
    EXPECT_EQ(seen(call("POST", "/v1/demo", with_json(as("admin", {{"Idempotency-Key", key}})),
                        "{\"name\":\"a\"}"),
                   "key"),
              "abc-1");
  }
  EXPECT_EQ(seen(call("POST", "/v1/demo", with_json(as("admin", {{"Idempotency-Key", "\"a b\""}})),
                      "{\"name\":\"a\"}"),
                 "key"),
            "a b");
}

TEST_F(PipelineTest, RefusesAMalformedIdempotencyKey) {
  for (const std::string& key :
       {std::string(), std::string("\"\""), std::string("a b"), std::string("a\"b"),
        std::string("\xC3\xA9"), std::string(256, 'k'), std::string("\"a\\b\"")}) {
    const http::Response response = call(
        "POST", "/v1/demo", with_json(as("admin", {{"Idempotency-Key", key}})), "{\"name\":\"a\"}");
    EXPECT_EQ(response.status, 400) << key;
    EXPECT_EQ(code(response), "bad-request");
  }
}

TEST_F(PipelineTest, IgnoresAnIdempotencyKeyWhereNothingIsWrittenOrAnybodyMayCall) {
  EXPECT_EQ(seen(call("GET", "/v1/demo/items/1", as("admin", {{"Idempotency-Key", "a"}})), "key"),
            "");
  EXPECT_EQ(
      seen(call("POST", "/v1/demo/notify", with_json({{"Idempotency-Key", "a"}}), "{}"), "key"),
      "");
}

TEST_F(PipelineTest, FingerprintsMethodTargetAndBody) {
  std::vector<std::array<uint8_t, 32>> prints;
  services_ = {
      demo_service(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
        prints.push_back(exchange->request().fingerprint);
        exchange->answer(text(200, "{}"));
      }))};
  const auto put = [&](const std::string& target, const std::string& body) {
    EXPECT_EQ(call("PUT", target, as("admin", {{"Idempotency-Key", "k"}}), body).status, 200);
  };
  put("/v1/demo/items/1", "a");
  put("/v1/demo/items/1", "a");
  put("/v1/demo/items/1", "b");
  put("/v1/demo/items/2", "a");
  put("/v1/demo/items/1", std::string(500'000, 'a'));
  put("/v1/demo/items/1", std::string(499'999, 'a') + "b");
  ASSERT_EQ(prints.size(), 6u);
  EXPECT_EQ(prints[0], prints[1]);
  for (size_t i = 1; i < 6; ++i) {
    for (size_t j = i + 1; j < 6; ++j) EXPECT_NE(prints[i], prints[j]) << i << j;
  }
}

// ---- deadlines

TEST_F(PipelineTest, GivesEachCallItsDeadline) {
  std::shared_ptr<http::Exchange> kept;
  services_ = {demo_service(std::make_shared<TestHandler>(
      [&](std::shared_ptr<http::Exchange> exchange) { kept = exchange; }))};
  std::optional<http::Response> answer;
  pipeline().call("GET", "/v1/demo/items/1", as("admin"), "",
                  [&](http::Response response) { answer = std::move(response); });
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->request().deadline_monotonic_ns, clock_.monotonic_ns() + 5'000'000'000);
  EXPECT_EQ(kept->request().admitted_ms, clock_.now_ms());
  EXPECT_FALSE(kept->abandoned());
  clock_.advance_ms(5'001);
  EXPECT_TRUE(kept->abandoned());
  kept->answer(text(200, "{}"));
  EXPECT_EQ(answer->status, 200);
}

// ---- what the host answers itself

TEST_F(PipelineTest, AnswersTheHostsOwnPathsWithoutAKey) {
  EXPECT_EQ(call("GET", "/livez", {}).body, "{\"status\":\"ok\"}");
  EXPECT_EQ(call("GET", "/readyz", {}).status, 200);
  EXPECT_EQ(call("POST", "/livez", {}).status, 405);
  EXPECT_EQ(call("OPTIONS", "/livez", {}).status, 204);
  EXPECT_EQ(call("GET", "/livez/x", {}).status, 404);
}

TEST_F(PipelineTest, ServesTheMergedDocumentWithAnEtag) {
  const http::Response response = call("GET", "/openapi.json", {});
  EXPECT_EQ(response.status, 200);
  const auto document = json::parse(response.body);
  ASSERT_TRUE(document);
  EXPECT_TRUE((*document)["paths"].HasMember("/v1/demo"));
  const std::string etag = header(response, "ETag");
  EXPECT_EQ(call("GET", "/openapi.json", {{"If-None-Match", "\"x\", W/" + etag}}).status, 304);
  EXPECT_EQ(call("GET", "/openapi.json", {{"If-None-Match", "\"x\""}}).status, 200);
}

TEST_F(PipelineTest, CountsByPluginAndOperation) {
  const http::Response response = call("GET", "/metrics", {});
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("# TYPE forecourt_http_request_duration_seconds histogram"),
            std::string::npos);
  EXPECT_NE(response.body.find("forecourt_http_requests_in_flight 0"), std::string::npos);
}

TEST_F(PipelineTest, SaysThatTheViewerIsMissing) {
  const http::Response response = call("GET", "/docs", {});
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("/openapi.json"), std::string::npos);
  EXPECT_EQ(response.media_type, "text/html; charset=utf-8");
  EXPECT_EQ(call("GET", "/docs/swagger-ui-bundle.js", {}).status, 404);
}

}  // namespace
}  // namespace forecourt::gateway::testing
