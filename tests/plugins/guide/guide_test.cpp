#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using fc::testkit::CallOptions;

class Guide : public testing::Test {
 protected:
  Guide() {
    host_.add_org("store-1", "store");
    const auto added =
        host_.call("POST", "/v1/guide/partners",
                   R"({"name":"Ada","token":"a token of some length"})", {.org = "store-1"});
    EXPECT_EQ(added.status, 201) << added.body;
    deliveries_ = "/v1/guide/partners/" + added.json()["id"].text() + "/deliveries";
  }
  fc::testkit::Response deliver(const std::string& token, const std::string& body) {
    return host_.call("POST", deliveries_, body,
                      {.scopes = {}, .headers = {{"X-Partner-Token", token}}});
  }

  fc::testkit::Host host_{{.bundle = BUNDLE}};
  std::string deliveries_;
};

constexpr char k_token[] = "a token of some length";

TEST_F(Guide, AForgedDeliveryIsRefusedAndNotKept) {
  EXPECT_EQ(deliver("a token of some lengtH", R"({"number":"1","text":"hi"})").status, 403);
  EXPECT_TRUE(host_.query("SELECT number FROM deliveries").empty());
}

TEST_F(Guide, ADeliveryThatCannotBeReadIsRefused) {
  EXPECT_EQ(deliver(k_token, "{").status, 400);
  EXPECT_EQ(deliver(k_token, R"({"number":1})").status, 400);
}

TEST_F(Guide, TheTokenIsNotStoredInTheClear) {
  EXPECT_EQ(host_.query("SELECT token FROM partners")[0][0].text().find(k_token),
            std::string::npos);
}

TEST_F(Guide, AGenuineDeliveryIsKeptOnceForItsPartnersOrg) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(deliver(k_token, R"({"number":"1","text":"hi"})").status, 204);
  }
  const auto rows = host_.query("SELECT org, text FROM deliveries");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0][0].text(), "store-1");
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "guide.delivery.received");
  EXPECT_EQ(events[0].org, "store-1");
}

}  // namespace
