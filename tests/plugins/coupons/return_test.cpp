#include "scene.hpp"

namespace {

using fc::Json;

class Return : public Scene {
 protected:
  std::string batch_ = new_batch("group");
  std::string code_ = new_coupon("group", batch_);
};

TEST_F(Return, AnUnusedCouponIsRefused) {
  EXPECT_REFUSED(give_back("group", code_, "return-1"), 409, "coupon-not-used");
}

TEST_F(Return, AnUnknownCodeAndAnInvisibleOneAreTheSame) {
  const std::string local = new_coupon("dealer-1", new_batch("dealer-1"));
  redeem("store-11", local, "request-1", "store-11");
  const Response unknown = give_back("store-21", "NOPE", "return-1");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(give_back("store-21", local, "return-1").body, unknown.body);
  EXPECT_EQ(coupon(local)["state"].text(), "USED");
}

TEST_F(Return, OnlyTheStoreThatRedeemedAndThoseAboveItMay) {
  redeem("store-11", code_, "request-1", "store-11");
  EXPECT_REFUSED(give_back("store-12", code_, "return-1"), 403, "store-not-allowed");
  EXPECT_REFUSED(give_back("store-21", code_, "return-1"), 403, "store-not-allowed");
  EXPECT_EQ(coupon(code_)["state"].text(), "USED");
  EXPECT_EQ(give_back("dealer-1", code_, "return-1").status, 200);
}

TEST_F(Return, EachUseOnce) {
  redeem("group", code_, "request-1", "store-11");
  EXPECT_EQ(give_back("group", code_, "return-1").status, 200);
  EXPECT_REFUSED(give_back("group", code_, "return-2"), 409, "coupon-not-used");
  EXPECT_EQ(batch(batch_)["used"].integer(), 0);
  EXPECT_EQ(batch(batch_)["discounted_fen"].integer(), 0);
}

TEST_F(Return, ARequestNumberWithAnotherCodeIsRefused) {
  const std::string second = new_coupon("group", batch_, "source-2");
  redeem("group", code_, "request-1", "store-11");
  redeem("group", second, "request-2", "store-11");
  EXPECT_EQ(give_back("group", code_, "return-1").status, 200);
  EXPECT_REFUSED(give_back("group", second, "return-1"), 409, "request-no-reused");
}

TEST_F(Return, TheSameRequestAgainIsAnsweredTheSameAndUndoesNoLaterUse) {
  redeem("group", code_, "request-1", "store-11");
  const Response first = give_back("group", code_, "return-1");
  redeem("group", code_, "request-2", "store-11");
  const Response again = give_back("group", code_, "return-1");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(coupon(code_)["state"].text(), "USED");
}

TEST_F(Return, MakesTheCouponGoodForOneMoreUse) {
  redeem("group", code_, "request-1", "store-11");
  const Response returned = give_back("group", code_, "return-1");
  ASSERT_EQ(returned.status, 200) << returned.body;
  EXPECT_EQ(returned.json()["state"].text(), "EFFECTIVE");
  EXPECT_TRUE(coupon(code_)["redeemed_at"].is_null());
  EXPECT_EQ(redeem("group", code_, "request-2", "store-12").status, 200);
  EXPECT_REFUSED(redeem("group", code_, "request-3", "store-12"), 409, "coupon-used");
}

TEST_F(Return, DoesNotBringAnExpiredCouponBack) {
  redeem("group", code_, "request-1", "store-11");
  host_.clock().advance_ms(int64_t{31} * 86'400'000);
  EXPECT_EQ(give_back("group", code_, "return-1").json()["state"].text(), "EXPIRED");
  EXPECT_REFUSED(redeem("group", code_, "request-2", "store-11"), 409, "coupon-expired");
}

TEST_F(Return, TheRedemptionsNumberServesTheReturnToo) {
  redeem("group", code_, "request-1", "store-11");
  EXPECT_EQ(give_back("group", code_, "request-1").status, 200);
}

TEST_F(Return, SaysSoWithAnEvent) {
  redeem("store-11", code_, "request-1", "store-11");
  const Response returned = give_back("store-11", code_, "return-1");
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[2].type, "coupons.coupon.returned");
  EXPECT_EQ(events[2].data, returned.body);
  EXPECT_EQ(Json::parse(events[2].data)["redeem_request_no"].text(), "request-1");
}

}  // namespace
