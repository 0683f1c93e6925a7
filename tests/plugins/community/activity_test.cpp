#include "plugins/community/fixture.hpp"

namespace community::test {
namespace {

class Activity : public CommunityTest {
 protected:
  Activity() {
    accept(ChatEvent{.change_type = "create"});
    path_ = group_path();
    EXPECT_EQ(host_.call("PUT", path_ + "/customer", R"({"member_id":"mem_1"})").status, 200);
  }
  void redeem(const std::string& code, const std::string& member,
              const std::string& org = "store-12") {
    const Json data = Json::object({{"code", code},
                                    {"batch_id", "bat_1"},
                                    {"member_id", member},
                                    {"store", "store-12"},
                                    {"request_no", "request-1"},
                                    {"order_amount_fen", 9'905},
                                    {"discount_fen", 1'000},
                                    {"kind", "NORMAL"},
                                    {"redeemed_at", "2026-11-22T13:34:00.000Z"}});
    host_.publish_event("coupons.coupon.redeemed", data.dump(), org, code);
  }
  Json activity() { return items(path_ + "/activity"); }

  std::string path_;
};

TEST_F(Activity, OfOtherMembersIsNotThisGroups) {
  redeem("CODE1", "mem_2");
  EXPECT_TRUE(activity().items().empty());
  EXPECT_TRUE(host_.parked().empty());
}

TEST_F(Activity, TellsOfARedemptionOnce) {
  redeem("CODE1", "mem_1");
  redeem("CODE1", "mem_1");
  ASSERT_EQ(activity().items().size(), 1u);
  const Json item = activity().items().at(0);
  EXPECT_EQ(item["kind"].text(), "coupon-redeemed");
  EXPECT_EQ(item["at"].text(), "2026-11-22T13:34:00.000Z");
  EXPECT_EQ(item["member_id"].text(), "mem_1");
  EXPECT_EQ(item["text"].text(),
            "Coupon CODE1 redeemed at store-12: 10.00 off an order of 99.05 yuan");
}

TEST_F(Activity, ReachesTheGroupFromWhereverTheCouponWasRedeemed) {
  redeem("CODE1", "mem_1", "group");
  redeem("CODE2", "mem_1", "dealer-1");
  redeem("CODE3", "mem_1", "store-13");
  EXPECT_EQ(activity().items().size(), 3u);
  EXPECT_TRUE(host_.parked().empty());
}

TEST_F(Activity, IsListedNewestFirstInPages) {
  for (const char* code : {"CODE1", "CODE2", "CODE3"}) {
    host_.clock().advance_ms(10);
    redeem(code, "mem_1");
  }
  const Json first = host_.call("GET", path_ + "/activity?limit=2").json();
  ASSERT_EQ(first["items"].items().size(), 2u);
  EXPECT_NE(first["items"].items().at(0)["text"].text().find("CODE3"), std::string::npos);
  const Json rest = items(path_ + "/activity?limit=2&cursor=" + first["next_cursor"].text());
  ASSERT_EQ(rest.items().size(), 1u);
  EXPECT_NE(rest.items().at(0)["text"].text().find("CODE1"), std::string::npos);
}

}  // namespace
}  // namespace community::test
