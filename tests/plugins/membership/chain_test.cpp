#include "scene.hpp"

namespace {

using fc::Json;

/// Membership and coupons in one host: each consumes what the other tells.
class Chain : public Scene {
 protected:
  Chain() : Scene({{.bundle = BUNDLE}, {.bundle = PLUGINS "/coupons"}}) {}

  std::string new_batch(const Json& stores) {
    const Response made = host_.call("POST", "/v1/coupons/batches",
                                     Json::object({{"name", "Welcome"},
                                                   {"kind", "NORMAL"},
                                                   {"amount_fen", 1000},
                                                   {"total", 100},
                                                   {"valid_days", 30},
                                                   {"stores", stores}})
                                         .dump());
    EXPECT_EQ(made.status, 201) << made.body;
    return made.json()["id"].text();
  }
};

TEST_F(Chain, APaymentMakesAMemberThatHoldsAWelcomeCoupon) {
  const std::string batch = new_batch(Json::array());
  host_.set_config("group", Json::object({{"welcome_batch", batch}}).dump(), "coupons");
  for (int i = 0; i < 3; ++i) pay("store-11", "openid-1", "t-1", 10'000);
  const auto coupons =
      get("store-11", "/v1/coupons/coupons?member_id=" + member("openid-1")["id"].text());
  ASSERT_EQ(coupons.json()["items"].items().size(), 1u) << coupons.body;
  EXPECT_EQ(points("openid-1"), 100);
  EXPECT_TRUE(host_.parked().empty());
}

TEST_F(Chain, TheStoresOfACouponSeeItsHolder) {
  const std::string id = new_member();
  EXPECT_EQ(members("store-21", "openid-1").size(), 0u);
  const Response issued =
      host_.call("POST", "/v1/coupons/batches/" + new_batch(Json::array({"store-21"})) + "/issue",
                 Json::object({{"member_id", id}, {"source_id", "s-1"}}).dump());
  ASSERT_EQ(issued.status, 201) << issued.body;
  EXPECT_EQ(members("store-21", "openid-1").size(), 1u);
}

}  // namespace
