#include "plugins/payments/fixture.hpp"

namespace payments::test {
namespace {

class Notify : public PaymentsTest {
 protected:
  Callback genuine() { return callback("EV-1", "TRANSACTION.SUCCESS", resource_of(Transaction{})); }
  /// Nothing of a refused callback may be left.
  void expect_nothing_stored() {
    EXPECT_EQ(count("notifications"), 0);
    EXPECT_EQ(count("payments"), 0);
    EXPECT_EQ(count("exceptions"), 0);
    EXPECT_TRUE(host_.events().empty());
  }
};

TEST_F(Notify, RefusesAnUnknownMerchant) {
  expect_refused(send(genuine(), "mch_unknown"), 404);
  expect_nothing_stored();
}

TEST_F(Notify, RefusesMissingOrGarbledHeaders) {
  for (const char* name :
       {"Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"}) {
    expect_refused(send(genuine().without(name)), 400);
  }
  expect_refused(send(genuine().with("Wechatpay-Timestamp", "soon")), 400);
  expect_refused(send(genuine().with("Wechatpay-Signature-Type", "WECHATPAY2-SM2-WITH-SM3")), 400);
  expect_refused(send({{}, ""}), 400);
  expect_nothing_stored();
}

TEST_F(Notify, RefusesWhatIsThreeHundredSecondsAway) {
  const std::string body = genuine().body;
  expect_refused(send(signed_by(key(), body, now_s() - 300)), 403);
  expect_refused(send(signed_by(key(), body, now_s() + 300)), 403);
  expect_nothing_stored();
  expect_acknowledged(send(signed_by(key(), body, now_s() - 299)));
  expect_acknowledged(send(signed_by(key(), body, now_s() + 299)));
}

TEST_F(Notify, RefusesTheProbe) {
  expect_refused(send(genuine().with("Wechatpay-Signature", "WECHATPAY/SIGNTEST/abc=")), 403);
  expect_nothing_stored();
}

TEST_F(Notify, RefusesAnUnknownSerial) {
  expect_refused(send(signed_by(other_key(), genuine().body, now_s())), 403);
  expect_refused(send(genuine().with("Wechatpay-Serial", "00")), 403);
  expect_nothing_stored();
}

TEST_F(Notify, RefusesAForgedOne) {
  Callback changed = genuine();
  changed.body.insert(1, " ");
  expect_refused(send(changed), 403);
  Callback by_another =
      signed_by(other_key(), genuine().body, now_s()).with("Wechatpay-Serial", key().serial());
  expect_refused(send(by_another), 403);
  expect_refused(send(genuine().with("Wechatpay-Nonce", "another")), 403);
  expect_refused(send(genuine().with("Wechatpay-Signature", "!!!")), 403);
  expect_nothing_stored();
}

TEST_F(Notify, RefusesASignedOneItCannotOpen) {
  for (const std::string& body :
       {std::string("not JSON"), std::string("{}"), std::string(),
        envelope("EV-1", "TRANSACTION.SUCCESS", resource_of(Transaction{}), std::string(32, 'x')),
        envelope("EV-1", "TRANSACTION.SUCCESS", "not JSON")}) {
    expect_refused(send(signed_by(key(), body, now_s())), 400);
  }
  expect_nothing_stored();
}

TEST_F(Notify, KeepsADurableCopyOfAGenuineOne) {
  expect_acknowledged(send(genuine()));
  const auto rows = host_.query("SELECT event_id, event_type, org, resource FROM notifications");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0][0].text(), "EV-1");
  EXPECT_EQ(rows[0][1].text(), "TRANSACTION.SUCCESS");
  EXPECT_EQ(rows[0][2].text(), "store-12");
  EXPECT_EQ(rows[0][3].text(), resource_of(Transaction{}));
}

TEST_F(Notify, KeepsAndAcknowledgesEveryOtherKind) {
  const std::vector<std::string> resources = {"MallTransactionResource",
                                              "MallRefundResource",
                                              "MallAuthResource",
                                              "MarketingBusifavorCouponResource",
                                              "MarketingMemberCardResource",
                                              "BrandPartnerCardMemberUserCardResource",
                                              "BrandPartnerCardMemberUserPointResource",
                                              "BrandPartnerCardMemberPointExchangeCouponResource"};
  int number = 0;
  for (const std::string& name : resources) {
    const std::string plain = test_data("wechatpay/resources/" + name + ".json");
    expect_acknowledged(
        send(callback("EV-" + std::to_string(number++), "SOMETHING." + name, plain)));
  }
  EXPECT_EQ(count("notifications"), static_cast<int64_t>(resources.size()));
  EXPECT_EQ(count("payments"), 0);
  EXPECT_TRUE(host_.events().empty());
}

TEST_F(Notify, AnswersAReplayTheSameAndDoesNothingTwice) {
  const Response first = send(genuine());
  for (int i = 0; i < 5; ++i) {
    host_.clock().advance_ms(3'600'000);
    const Response again = send(genuine());
    EXPECT_EQ(again.status, first.status);
    EXPECT_EQ(again.body, first.body);
  }
  EXPECT_EQ(count("notifications"), 1);
  EXPECT_EQ(count("payments"), 1);
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
}

TEST_F(Notify, CreditsATransactionOnceUnderHoweverManyEventIds) {
  for (int i = 0; i < 5; ++i) expect_acknowledged(pay("EV-" + std::to_string(i), {}));
  EXPECT_EQ(count("notifications"), 5);
  EXPECT_EQ(count("payments"), 1);
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
  EXPECT_TRUE(exception_reasons().empty());
}

TEST_F(Notify, KeepsEventIdsOfMerchantsApart) {
  Json body = merchant_body();
  body.set("appid", "wxother");
  const std::string other = made(register_merchant(body)).json()["id"].text();
  expect_acknowledged(
      send(callback("EV-1", "TRANSACTION.SUCCESS",
                    resource_of(Transaction{.transaction_id = "t-2", .appid = "wxother"})),
           other));
  expect_acknowledged(pay("EV-1", {}));
  EXPECT_EQ(published("payments.payment.verified").size(), 2u);
}

}  // namespace
}  // namespace payments::test
