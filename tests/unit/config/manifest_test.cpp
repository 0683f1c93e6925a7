#include "config/manifest.hpp"

#include <gtest/gtest.h>

namespace forecourt::config {
namespace {

std::string refusal(std::string_view text) {
  auto parsed = parse_manifest(text, "manifests/coupons.json");
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Manifest, RefusalsNameTheFileThePlaceAndTheExpectation) {
  const std::pair<const char*, const char*> rows[] = {
      {"", "manifests/coupons.json: line 1"},
      {R"({"manifest":1,"plugin":"coupons"})", "manifests/coupons.json: path: is required"},
      {R"({"manifest":1,"plugin":"coupons","path":"x","version":"one"})",
       "manifests/coupons.json: version: \"one\": expected a version range"},
      {R"({"manifest":1,"plugin":"coupons","path":"x","mode":"sandboxed"})",
       "manifests/coupons.json: mode: must be one of"},
      {R"({"manifest":1,"plugin":"coupons","path":"x","enabled":"yes"})",
       "manifests/coupons.json: enabled: must be a boolean, not a string"},
      {R"({"manifest":1,"plugin":"coupons","path":"x","grants":{"services":["fc.http/1","fc.sql/1","fc.sq/1"]}})",
       "manifests/coupons.json: grants.services[2]: unknown service \"fc.sq/1\"; known: fc.http/1, "
       "fc.sql/1,"},
      {R"({"manifest":1,"plugin":"coupons","path":"x","limits":{"timeout_ms":0}})",
       "manifests/coupons.json: limits.timeout_ms: must be at least 1"},
      {R"({"manifest":1,"plugin":"coupons","path":"x","limits":{"timeout":5}})",
       "manifests/coupons.json: limits.timeout: is not a known member"},
      {R"({"manifest":1,"plugin":"coupons","path":"x","config":{"group":7}})",
       "manifests/coupons.json: config.group: must be an object"},
  };
  for (const auto& [text, says] : rows) {
    const std::string message = refusal(text);
    EXPECT_EQ(message.substr(0, std::string_view(says).size()), says) << text;
  }
}

TEST(Manifest, WhatIsNotSaidHasDefaults) {
  auto parsed = parse_manifest(R"({"manifest":1,"plugin":"coupons","path":"x"})", "m");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->version.text(), "*");
  EXPECT_EQ(parsed->mode, "in-process");
  EXPECT_TRUE(parsed->enabled);
  EXPECT_FALSE(parsed->grants.unscoped);
  EXPECT_EQ(parsed->limits.timeout_ms, 5'000);
  EXPECT_EQ(parsed->config, "{}");
}

TEST(Manifest, IsWrittenAsItIsRead) {
  auto parsed = parse_manifest(
      R"({"manifest":1,"plugin":"coupons","version":"^1.0","path":"a \"b\"","mode":"isolated",
      "enabled":false,"grants":{"services":["fc.sql/1"],"unscoped":true,"history":["payments"],"consumes":["a.b.c"]},
      "limits":{"timeout_ms":7,"body_max_bytes":8,"queue_max":9,"store_pages_max":10,"event_failures_max":11},
      "config":{"group":{"x":{"value":3,"locked":true}}}})",
      "m");
  ASSERT_TRUE(parsed) << parsed.error().message;
  auto again = parse_manifest(to_json(*parsed), "m");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(*parsed));
  EXPECT_EQ(again->path, "a \"b\"");
  EXPECT_EQ(again->limits.event_failures_max, 11);
  EXPECT_EQ(again->config, R"({"group":{"x":{"value":3,"locked":true}}})");
}

}  // namespace
}  // namespace forecourt::config
