#include "config/descriptor.hpp"

#include <gtest/gtest.h>

namespace forecourt::config {
namespace {

std::string refusal(std::string_view text) {
  auto parsed = parse_descriptor(text, "plugin.json");
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Descriptor, RefusalsNameTheFileThePlaceAndTheExpectation) {
  const std::pair<const char*, const char*> rows[] = {
      {"{", "plugin.json: line 1"},
      {"[]", "plugin.json: must be an object"},
      {R"({"descriptor":2,"id":"a","version":"1.0.0","title":"A","services":[]})",
       "plugin.json: descriptor: must be"},
      {R"({"descriptor":1,"version":"1.0.0","title":"A","services":[]})",
       "plugin.json: id: is required"},
      {R"({"descriptor":1,"id":"A","version":"1.0.0","title":"A","services":[]})",
       "plugin.json: id: must match"},
      {R"({"descriptor":1,"id":"events","version":"1.0.0","title":"A","services":[]})",
       "plugin.json: id: \"events\" is a part of the host itself"},
      {R"({"descriptor":1,"id":"a","version":"1.0","title":"A","services":[]})",
       "plugin.json: version: must match"},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":["fc.sq/1"]})",
       "plugin.json: services[0]: unknown service \"fc.sq/1\"; known: fc.http/1,"},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":["fc.sql/1","fc.sql/1"]})",
       "plugin.json: services: must not hold an item twice"},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":[],"rigths":{}})",
       "plugin.json: rigths: is not a known member"},
      {R"({"descriptor":1,"id":"a","id":"b","version":"1.0.0","title":"A","services":[]})",
       "duplicate member \"id\""},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":[],"events":{"publishes":["b.c.d"]}})",
       "plugin.json: events.publishes[0]: a plugin publishes only types that start with \"a.\""},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":[],"config":{"type":"object"}})",
       "plugin.json: config: must be a schema object with \"properties\""},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":[],
           "config":{"properties":{"n":{"type":"integer","const":1}}}})",
       "plugin.json: config"},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":[],
           "config":{"properties":{"n":{"type":"string","pattern":"\\d+"}}}})",
       "plugin.json: config"},
      {R"({"descriptor":1,"id":"a","version":"1.0.0","title":"A","services":[],
           "config":{"properties":{"n":{"type":"integer","default":"x"}}}})",
       "plugin.json: config.properties: the default of n: must be an integer"},
  };
  for (const auto& [text, says] : rows) {
    const std::string message = refusal(text);
    EXPECT_NE(message.find(says), std::string::npos) << text << "\n  said: " << message;
  }
}

TEST(Descriptor, HoldsWhatTheAuthorSaid) {
  auto parsed = parse_descriptor(R"({
      "descriptor": 1, "id": "coupons", "version": "1.2.3", "title": "Coupons", "description": "Vouchers",
      "services": ["fc.http/1", "fc.sql/1"],
      "rights": {"unscoped": true, "history": ["payments"]},
      "libraries": ["libcrypto.so.3"],
      "config": {"type": "object", "properties": {"welcome_batch": {"type": ["string", "null"], "default": null}}},
      "events": {"publishes": ["coupons.coupon.redeemed"], "consumes": ["membership.member.enrolled"]},
      "jobs": ["expire"]})",
                                 "plugin.json");
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->id, "coupons");
  EXPECT_EQ(parsed->version.text(), "1.2.3");
  EXPECT_EQ(parsed->services, (std::vector<std::string>{"fc.http/1", "fc.sql/1"}));
  EXPECT_TRUE(parsed->unscoped);
  EXPECT_EQ(parsed->history, std::vector<std::string>{"payments"});
  EXPECT_EQ(parsed->libraries, std::vector<std::string>{"libcrypto.so.3"});
  EXPECT_EQ(parsed->publishes, std::vector<std::string>{"coupons.coupon.redeemed"});
  EXPECT_EQ(parsed->consumes, std::vector<std::string>{"membership.member.enrolled"});
  EXPECT_EQ(parsed->jobs, std::vector<std::string>{"expire"});
}

}  // namespace
}  // namespace forecourt::config
