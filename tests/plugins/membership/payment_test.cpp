#include "scene.hpp"

namespace {

using fc::Json;

class Payment : public Scene {};

TEST_F(Payment, WithoutAPayerThereIsNoMember) {
  Json anonymous = payment("", "t-1", 10'000);
  publish("store-11", anonymous);
  publish("store-11", anonymous.set("openid", nullptr).set("payment_id", "pay_2"));
  EXPECT_TRUE(host_.query("SELECT id FROM members").empty());
  EXPECT_TRUE(host_.parked().empty());
}

TEST_F(Payment, PointsThatWouldNotFitAreSetAsideAndCreditNothing) {
  host_.set_config("group", R"({"points_per_yuan":10000})");
  pay("store-11", "openid-1", "t-1", INT64_MAX);
  EXPECT_TRUE(host_.query("SELECT id FROM members").empty());
  EXPECT_EQ(count_events("membership.member.enrolled"), 0u);
}

TEST_F(Payment, MakesThePayerAMemberWithACard) {
  pay("store-11", "openid-1", "t-1", 12'399);
  const Json made = member("openid-1");
  EXPECT_EQ(made["appid"].text(), "wx-1");
  EXPECT_EQ(made["org"].text(), "group");
  EXPECT_EQ(made["points"].integer(), 123);
  EXPECT_EQ(made["tier"].text(), "standard");
  EXPECT_EQ(made["card_no"].text().size(), 16u);
  EXPECT_EQ(get("group", "/v1/membership/members/" + made["id"].text()).body, made.dump());
}

TEST_F(Payment, SaysWhoWasEnrolledWhereItPaid) {
  pay("store-11", "openid-1", "t-1", 100);
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[1].type, "membership.member.enrolled");
  EXPECT_EQ(events[1].org, "store-11");
  const Json enrolled = events[1].json();
  EXPECT_EQ(enrolled["member_id"].text(), member("openid-1")["id"].text());
  EXPECT_EQ(enrolled["openid"].text(), "openid-1");
  EXPECT_EQ(enrolled["appid"].text(), "wx-1");
  EXPECT_EQ(enrolled["org"].text(), "group");
  EXPECT_EQ(enrolled["payment_id"].text(), "pay_t-1");
  EXPECT_EQ(enrolled["enrolled_at"].text(), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(events[2].type, "membership.points.credited");
  EXPECT_EQ(events[2].json()["points"].integer(), 1);
}

TEST_F(Payment, ATransactionIsCreditedOnce) {
  for (int i = 0; i < 5; ++i) pay("store-11", "openid-1", "t-1", 10'000);
  EXPECT_EQ(points("openid-1"), 100);
  EXPECT_EQ(count_events("membership.member.enrolled"), 1u);
  EXPECT_EQ(count_events("membership.points.credited"), 1u);
}

TEST_F(Payment, EachTransactionIsCredited) {
  pay("store-11", "openid-1", "t-1", 10'000);
  pay("store-21", "openid-1", "t-2", 5'000);
  EXPECT_EQ(points("openid-1"), 150);
  EXPECT_EQ(count_events("membership.member.enrolled"), 1u);
}

TEST_F(Payment, OfLessThanAPointMovesNothing) {
  pay("store-11", "openid-1", "t-1", 99);
  EXPECT_EQ(points("openid-1"), 0);
  EXPECT_TRUE(host_.query("SELECT id FROM ledger").empty());
}

TEST_F(Payment, TheSameOpenidInAnotherAppIsAnotherMember) {
  pay("store-11", "openid-1", "t-1", 10'000);
  publish("store-11", payment("openid-1", "t-2", 10'000).set("appid", "wx-2"));
  EXPECT_EQ(members("group", "openid-1").size(), 2u);
  EXPECT_EQ(members("group", "openid-1&appid=wx-2").size(), 1u);
}

TEST_F(Payment, TheLevelSaysWhoOwnsTheMember) {
  host_.set_config("group", R"({"member_level":"dealer"})");
  pay("store-11", "openid-1", "t-1", 10'000);
  EXPECT_EQ(member("openid-1")["org"].text(), "dealer-1");
  pay("group", "openid-2", "t-2", 10'000);
  EXPECT_EQ(member("openid-2")["org"].text(), "group") << "no dealer above: the paying org";
}

TEST_F(Payment, ThePointsOfAYuanAreThePayingOrgs) {
  host_.set_config("store-21", R"({"points_per_yuan":3})");
  pay("store-11", "openid-1", "t-1", 10'000);
  pay("store-21", "openid-1", "t-2", 10'050);
  EXPECT_EQ(points("openid-1"), 100 + 301);
}

TEST_F(Payment, TheTierFollowsWhatWasEarnedAndNotWhatIsLeft) {
  pay("store-11", "openid-1", "t-1", 100'000);
  EXPECT_EQ(member("openid-1")["tier"].text(), "silver");
  EXPECT_EQ(adjust("group", member("openid-1")["id"].text(), -999, "spent").status, 201);
  EXPECT_EQ(member("openid-1")["tier"].text(), "silver");
  host_.set_config("group", R"({"tiers":[{"name":"A","points":5000}]})");
  EXPECT_TRUE(member("openid-1")["tier"].is_null());
}

}  // namespace
