#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

namespace {

class Hello : public testing::Test {
 protected:
  fc::testkit::Host host_{{.bundle = BUNDLE}};
};

TEST_F(Hello, WithoutAKeyNobodyIsGreeted) {
  EXPECT_EQ(host_.call("GET", "/v1/hello", "", {.scopes = {}}).status, 401);
}

TEST_F(Hello, ANameThatBreaksTheSchemaIsRefused) {
  for (const char* body : {"", "{}", "[]", R"({"name":""})", R"({"name":3})",
                           R"({"name":"a","x":1})", R"({"name":"a","name":"b"})",
                           R"({"name":"a"})"
                           "x"}) {
    EXPECT_EQ(host_.call("POST", "/v1/hello", body).status, 400) << body;
  }
  EXPECT_EQ(host_.call("GET", "/v1/hello?name=").status, 400);
  EXPECT_EQ(host_.call("GET", "/v1/hello?nam=Ada").status, 400);
}

TEST_F(Hello, OtherMethodsAreNotAllowed) {
  const auto refused = host_.call("DELETE", "/v1/hello");
  EXPECT_EQ(refused.status, 405);
  EXPECT_NE(refused.header("allow").find("GET"), std::string::npos);
}

TEST_F(Hello, GreetsByParameter) {
  const auto greeted = host_.call("GET", "/v1/hello?name=Ada");
  EXPECT_EQ(greeted.status, 200);
  EXPECT_EQ(greeted.header("content-type"), "application/json");
  EXPECT_EQ(greeted.body, R"({"hello":"Ada"})");
}

TEST_F(Hello, GreetsTheWorldWhenNobodyIsNamed) {
  EXPECT_EQ(host_.call("GET", "/v1/hello").body, R"({"hello":"world"})");
}

TEST_F(Hello, GreetsByBodyAsWritten) {
  EXPECT_EQ(host_.call("POST", "/v1/hello", R"({"name":"Ада \"点\" \u00e9"})").body,
            "{\"hello\":\"Ада \\\"点\\\" \xC3\xA9\"}");
}

TEST_F(Hello, AnyValidKeyMayCall) {
  EXPECT_EQ(host_.call("GET", "/v1/hello", "", {.scopes = {"coupons:read"}}).status, 200);
}

}  // namespace
