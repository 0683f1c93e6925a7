#include "gateway/target.hpp"

#include <gtest/gtest.h>

namespace forecourt::gateway {
namespace {

// What is refused stands in malformed_start_lines.cpp.

TEST(Target, SplitsPathAndQuery) {
  Target target;
  ASSERT_EQ(parse_target("/v1/demo?name=Ada&x=?/", target), nullptr);
  EXPECT_EQ(target.path, "/v1/demo");
  EXPECT_EQ(target.query, "name=Ada&x=?/");
  EXPECT_FALSE(target.escaped);
}

TEST(Target, SplitsTheAbsoluteForm) {
  Target target;
  ASSERT_EQ(parse_target("HTTP://Example.org:8080/v1/demo?a=b", target), nullptr);
  EXPECT_EQ(target.authority, "Example.org:8080");
  EXPECT_EQ(target.path, "/v1/demo");
  ASSERT_EQ(parse_target("http://example.org", target), nullptr);
  EXPECT_EQ(target.path, "/");
}

TEST(Target, AcceptsDotsThatAreNoDotSegments) {
  for (const char* text : {"/...", "/.a", "/a.", "/a..b", "/..a/b", "/%2e%2e%2e", "/%2ea"}) {
    Target target;
    EXPECT_EQ(parse_target(text, target), nullptr) << text;
  }
}

TEST(Target, AcceptsEscapedText) {
  Target target;
  ASSERT_EQ(parse_target("/v1/%E6%94%AF?q=%e4%bb%98+%0A", target), nullptr);
  EXPECT_TRUE(target.escaped);
  std::string decoded;
  append_decoded(decoded, target.path, false);
  append_decoded(decoded, target.query, true);
  EXPECT_EQ(decoded, "/v1/\xE6\x94\xAFq=\xE4\xBB\x98 \n");
}

TEST(Target, KnowsAnAuthority) {
  for (const char* good :
       {"x", "example.org", "127.0.0.1:8080", "[::1]", "[::1]:80", "a_b", "x:", "x:65535"}) {
    EXPECT_TRUE(is_authority(good)) << good;
  }
  for (const char* bad :
       {"", ":80", "x:65536", "x:a", "a b", "a,b", "[::1", "[]", "[g]", "x@y", "x/y", "%41"}) {
    EXPECT_FALSE(is_authority(bad)) << bad;
  }
}

}  // namespace
}  // namespace forecourt::gateway
