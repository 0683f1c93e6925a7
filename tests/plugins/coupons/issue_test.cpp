#include "scene.hpp"

namespace {

using fc::Json;

class Issue : public Scene {};

TEST_F(Issue, AnUnknownBatchAndAnInvisibleOneAreTheSame) {
  const std::string id = new_batch("dealer-1");
  const Response unknown = issue("store-21", "bat_none", "mem_1", "s-1");
  const Response invisible = issue("store-21", id, "mem_1", "s-1");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(invisible.body, unknown.body);
  EXPECT_TRUE(host_.query("SELECT code FROM coupons").empty());
}

TEST_F(Issue, StopsAtTheTotal) {
  const std::string id = new_batch("group", Json::object({{"total", 2}}));
  new_coupon("group", id, "s-1");
  new_coupon("group", id, "s-2");
  EXPECT_REFUSED(issue("group", id, "mem_9", "s-3"), 409, "sold-out");
  EXPECT_EQ(batch(id)["issued"].integer(), 2);
}

TEST_F(Issue, StopsAtTheMembersLimit) {
  const std::string id = new_batch("group", Json::object({{"per_member", 1}}));
  new_coupon("group", id, "s-1");
  EXPECT_REFUSED(issue("group", id, "mem_1", "s-2"), 409, "member-limit");
  EXPECT_EQ(issue("group", id, "mem_2", "s-3").status, 201);
  EXPECT_EQ(batch(id)["issued"].integer(), 2);
}

TEST_F(Issue, ASourceIsNotUsedForAnotherMember) {
  const std::string id = new_batch("group");
  new_coupon("group", id, "s-1");
  EXPECT_REFUSED(issue("group", id, "mem_2", "s-1"), 409, "source-id-reused");
}

TEST_F(Issue, TheSameSourceAgainIsTheSameCoupon) {
  const std::string id = new_batch("group", Json::object({{"total", 1}, {"per_member", 1}}));
  const Response first = issue("group", id, "mem_1", "s-1");
  const Response again = issue("group", id, "mem_1", "s-1");
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(batch(id)["issued"].integer(), 1);
  EXPECT_EQ(host_.events().size(), 1u);
}

TEST_F(Issue, GivesACouponWithTheTermsOfItsBatch) {
  const std::string id = new_batch("group", Json::object({{"valid_days", 2}}));
  const Response made = issue("store-11", id, "mem_1", "s-1");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json coupon = made.json();
  EXPECT_EQ(coupon["state"].text(), "EFFECTIVE");
  EXPECT_EQ(coupon["batch_id"].text(), id);
  EXPECT_EQ(coupon["member_id"].text(), "mem_1");
  EXPECT_EQ(coupon["amount_fen"].integer(), 1000);
  EXPECT_EQ(coupon["issued_at"].text(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(coupon["valid_until"].text(), "2023-11-16T22:13:20.000Z");
  EXPECT_EQ(coupon["code"].text().size(), 16u);
}

TEST_F(Issue, SaysSoWithAnEvent) {
  const std::string id =
      new_batch("dealer-1", Json::object({{"stores", Json::array({"store-11"})}}));
  const std::string code = new_coupon("store-11", id, "s-1");
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "coupons.coupon.issued");
  EXPECT_EQ(events[0].org, "store-11");
  EXPECT_EQ(events[0].data, Json::object({{"code", code},
                                          {"batch_id", id},
                                          {"member_id", "mem_1"},
                                          {"org", "dealer-1"},
                                          {"stores", Json::array({"store-11"})},
                                          {"issued_at", "2023-11-14T22:13:20.000Z"},
                                          {"source_id", "s-1"}})
                                .dump());
}

TEST_F(Issue, AMembersCouponsAreListedInTheOrderOfReceipt) {
  const std::string id = new_batch("group");
  std::vector<std::string> codes;
  for (int i = 0; i < 5; ++i) {
    codes.push_back(new_coupon("group", id, "s-" + std::to_string(i)));
    host_.clock().advance_ms(1);
  }
  std::vector<std::string> listed;
  std::string cursor;
  for (int pages = 0; pages < 3; ++pages) {
    const Json page = get("group", "/v1/coupons/coupons?member_id=mem_1&limit=2" + cursor).json();
    for (const Json& item : page["items"].items()) listed.push_back(item["code"].text());
    if (!page["next_cursor"].is_null()) cursor = "&cursor=" + page["next_cursor"].text();
  }
  EXPECT_EQ(listed, codes);
}

TEST_F(Issue, AnUnknownMemberHasNoCoupons) {
  const Response listed = get("group", "/v1/coupons/coupons?member_id=nobody");
  EXPECT_EQ(listed.status, 200);
  EXPECT_EQ(listed.body, R"({"items":[],"next_cursor":null})");
}

TEST_F(Issue, ACursorThatIsNotOursIsRefused) {
  EXPECT_EQ(get("group", "/v1/coupons/coupons?member_id=mem_1&cursor=a2Fi").status, 400);
}

}  // namespace
