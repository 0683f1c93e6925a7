#include "scene.hpp"

namespace {

using fc::Json;

class Redeem : public Scene {
 protected:
  std::string batch_ = new_batch("group");
  std::string code_ = new_coupon("group", batch_);
};

TEST_F(Redeem, WhatBreaksTheSchemaIsRefused) {
  const std::string target = "/v1/coupons/coupons/" + code_ + "/redeem";
  for (
      const char* body : {
          R"({"request_no":"short","store":"store-11","order_amount_fen":6000})",
          R"({"request_no":"request 1","store":"store-11","order_amount_fen":6000})",
          R"({"request_no":"request-1","store":"STORE","order_amount_fen":6000})",
          R"({"request_no":"request-1","store":"store-11","order_amount_fen":-1})",
          R"({"request_no":"request-1","store":"store-11","order_amount_fen":6000.5})",
          R"({"request_no":"request-1","store":"store-11","order_amount_fen":9223372036854775808})",
          R"({"request_no":"request-1","store":"store-11"})",
          R"({"request_no":"request-1","request_no":"request-2","store":"store-11","order_amount_fen":1})",
      }) {
    EXPECT_EQ(post("group", target, body).status, 400) << body;
  }
  EXPECT_EQ(coupon(code_)["state"].text(), "EFFECTIVE");
}

TEST_F(Redeem, AnUnknownCodeAndAnInvisibleOneAreTheSame) {
  const std::string local = new_coupon("dealer-1", new_batch("dealer-1"));
  const Response unknown = redeem("store-21", "NOPE", "request-1", "store-21");
  const Response invisible = redeem("store-21", local, "request-1", "store-21");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(invisible.body, unknown.body);
  EXPECT_EQ(coupon(local)["state"].text(), "EFFECTIVE");
}

TEST_F(Redeem, AStoreOutsideTheBatchsIsRefused) {
  const std::string narrow = new_coupon(
      "group", new_batch("group", Json::object({{"stores", Json::array({"store-11"})}})));
  EXPECT_REFUSED(redeem("group", narrow, "request-1", "store-12"), 403, "store-not-allowed");
  EXPECT_REFUSED(redeem("group", narrow, "request-1", "dealer-1"), 403, "store-not-allowed");
  EXPECT_EQ(redeem("group", narrow, "request-1", "store-11").status, 200);
}

TEST_F(Redeem, AStoreThatIsNotTheKeysIsRefusedWithTheWordsForAnUnknownOne) {
  const Response foreign = redeem("store-11", code_, "request-1", "store-12");
  EXPECT_REFUSED(foreign, 403, "store-not-allowed");
  EXPECT_EQ(redeem("store-11", code_, "request-1", "store-99").body, foreign.body);
}

TEST_F(Redeem, BelowTheThresholdIsRefused) {
  EXPECT_REFUSED(redeem("group", code_, "request-1", "store-11", 4999), 409, "below-threshold");
  EXPECT_EQ(coupon(code_)["state"].text(), "EFFECTIVE");
}

TEST_F(Redeem, AnExpiredCouponIsRefused) {
  host_.clock().advance_ms(int64_t{30} * 86'400'000);
  EXPECT_EQ(coupon(code_)["state"].text(), "EXPIRED");
  EXPECT_REFUSED(redeem("group", code_, "request-1", "store-11"), 409, "coupon-expired");
}

TEST_F(Redeem, TheLastMillisecondCounts) {
  host_.clock().advance_ms(int64_t{30} * 86'400'000 - 1);
  EXPECT_EQ(redeem("group", code_, "request-1", "store-11").status, 200);
}

TEST_F(Redeem, ACouponBeforeItsTimeIsRefused) {
  const std::string later = new_coupon(
      "group", new_batch("group", Json::object({{"valid_from", "2023-11-15T00:00:00Z"}})));
  EXPECT_REFUSED(redeem("group", later, "request-1", "store-11"), 409, "coupon-not-yet-valid");
}

TEST_F(Redeem, AUsedCouponIsRefused) {
  EXPECT_EQ(redeem("group", code_, "request-1", "store-11").status, 200);
  EXPECT_REFUSED(redeem("group", code_, "request-2", "store-11"), 409, "coupon-used");
  EXPECT_EQ(batch(batch_)["used"].integer(), 1);
}

TEST_F(Redeem, ARequestNumberWithAnotherBodyIsRefused) {
  EXPECT_EQ(redeem("group", code_, "request-1", "store-11", 6000).status, 200);
  EXPECT_REFUSED(redeem("group", code_, "request-1", "store-11", 6001), 409, "request-no-reused");
  EXPECT_REFUSED(redeem("group", code_, "request-1", "store-12", 6000), 409, "request-no-reused");
}

TEST_F(Redeem, ARequestNumberWithAnotherCodeIsRefusedAndTakesNothing) {
  const std::string second = new_coupon("group", batch_, "source-2");
  EXPECT_EQ(redeem("group", code_, "request-1", "store-11").status, 200);
  EXPECT_REFUSED(redeem("group", second, "request-1", "store-11"), 409, "request-no-reused");
  EXPECT_EQ(coupon(second)["state"].text(), "EFFECTIVE");
  EXPECT_EQ(batch(batch_)["used"].integer(), 1);
}

TEST_F(Redeem, RequestNumbersAreEachOrgsOwn) {
  const std::string second = new_coupon("group", batch_, "source-2");
  EXPECT_EQ(redeem("store-11", code_, "request-1", "store-11").status, 200);
  EXPECT_EQ(redeem("store-21", second, "request-1", "store-21").status, 200);
}

TEST_F(Redeem, TheSameRequestAgainIsAnsweredTheSame) {
  const Response first = redeem("group", code_, "request-1", "store-11");
  host_.clock().advance_ms(int64_t{90} * 86'400'000);
  const Response again = redeem("group", code_, "request-1", "store-11");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(batch(batch_)["used"].integer(), 1);
}

TEST_F(Redeem, TheSameRequestAgainAfterAReturnRedeemsNothing) {
  const Response first = redeem("group", code_, "request-1", "store-11");
  EXPECT_EQ(give_back("group", code_, "return-1").status, 200);
  EXPECT_EQ(redeem("group", code_, "request-1", "store-11").body, first.body);
  EXPECT_EQ(coupon(code_)["state"].text(), "EFFECTIVE");
  EXPECT_EQ(batch(batch_)["used"].integer(), 0);
}

TEST_F(Redeem, AnswersWithTheDiscountAndShowsTheUse) {
  const Response redeemed = redeem("store-11", code_, "request-1", "store-11", 6000);
  ASSERT_EQ(redeemed.status, 200) << redeemed.body;
  EXPECT_EQ(redeemed.json()["code"].text(), code_);
  EXPECT_EQ(redeemed.json()["state"].text(), "USED");
  EXPECT_EQ(redeemed.json()["discount_fen"].integer(), 1000);
  const Json shown = coupon(code_);
  EXPECT_EQ(shown["state"].text(), "USED");
  EXPECT_EQ(shown["store"].text(), "store-11");
  EXPECT_EQ(shown["request_no"].text(), "request-1");
  EXPECT_EQ(shown["redeemed_at"].text(), "2023-11-14T22:13:20.000Z");
}

TEST_F(Redeem, SaysSoWithAnEventOfFixedShape) {
  redeem("store-11", code_, "request-1", "store-11", 6000);
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].type, "coupons.coupon.redeemed");
  EXPECT_EQ(events[1].subject, code_);
  EXPECT_EQ(events[1].org, "store-11");
  EXPECT_EQ(events[1].data, Json::object({{"code", code_},
                                          {"batch_id", batch_},
                                          {"member_id", "mem_1"},
                                          {"store", "store-11"},
                                          {"request_no", "request-1"},
                                          {"order_amount_fen", 6000},
                                          {"discount_fen", 1000},
                                          {"kind", "NORMAL"},
                                          {"redeemed_at", "2023-11-14T22:13:20.000Z"}})
                                .dump());
}

TEST_F(Redeem, ARefusalPublishesNothing) {
  redeem("group", code_, "request-1", "store-11", 1);
  redeem("group", code_, "request-1", "store-99");
  EXPECT_EQ(host_.events().size(), 1u) << "the issue alone";
}

TEST_F(Redeem, DiscountsThatWouldNotFitAreRefused) {
  const std::string id = new_batch(
      "group", Json::object({{"kind", "EXCHANGE"}, {"amount_fen", nullptr}, {"threshold_fen", 0}}));
  const std::string first = new_coupon("group", id, "s-1");
  const std::string second = new_coupon("group", id, "s-2");
  EXPECT_EQ(redeem("group", first, "request-1", "store-11", INT64_MAX).status, 200);
  EXPECT_REFUSED(redeem("group", second, "request-2", "store-11", 1), 409, "budget-overflow");
  EXPECT_EQ(coupon(second)["state"].text(), "EFFECTIVE");
}

}  // namespace
