#include "plugins/payments/fixture.hpp"

namespace payments::test {
namespace {

class Refunds : public PaymentsTest {
 protected:
  void pay_order() {
    made(register_order("order-000001", 24'300));
    expect_acknowledged(pay("EV-1", {}));
  }
};

TEST_F(Refunds, BeyondWhatWasPaidAreExceptions) {
  pay_order();
  expect_acknowledged(refund("EV-2", {.refund_id = "a", .refund_fen = 24'000}));
  expect_acknowledged(refund("EV-3", {.refund_id = "b", .refund_fen = 301}));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"refund-exceeds-payment"});
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 24'000);
  EXPECT_EQ(published("payments.refund.succeeded").size(), 1u);
}

TEST_F(Refunds, ByAnotherMerchantAreExceptions) {
  pay_order();
  expect_acknowledged(refund("EV-2", {.mchid = "1900000109"}));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"refund-mchid-mismatch"});
  EXPECT_EQ(order("order-000001")["state"].text(), "SUCCESS");
}

TEST_F(Refunds, WithoutAUsableAmountAreExceptions) {
  pay_order();
  expect_acknowledged(refund("EV-2", {.refund_fen = -300}));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"refund-incomplete"});
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 0);
}

TEST_F(Refunds, OfUnknownPaymentsWaitForThem) {
  expect_acknowledged(refund("EV-1", {}));
  EXPECT_TRUE(host_.events().empty());
  const Json waiting = items("/v1/payments/refunds");
  ASSERT_EQ(waiting.items().size(), 1u);
  EXPECT_TRUE(waiting.items().at(0)["payment_id"].is_null());

  made(register_order("order-000001", 24'300));
  expect_acknowledged(pay("EV-2", {}));
  const auto events = host_.events();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].type, "payments.payment.verified");
  EXPECT_EQ(events[1].type, "payments.refund.succeeded");
  EXPECT_EQ(events[0].subject, events[1].subject);
  EXPECT_EQ(order("order-000001")["state"].text(), "REFUND");
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 300);
}

TEST_F(Refunds, OfHeldPaymentsWaitForTheirRelease) {
  host_.set_config("group", R"({"unknown_orders":"hold"})");
  expect_acknowledged(pay("EV-1", {}));
  expect_acknowledged(refund("EV-2", {}));
  EXPECT_TRUE(host_.events().empty());
  const std::string id = items("/v1/payments/held").items().at(0)["id"].text();
  ASSERT_EQ(host_.call("POST", "/v1/payments/held/" + id + "/release").status, 200);
  EXPECT_EQ(published("payments.refund.succeeded").size(), 1u);
  EXPECT_EQ(order("order-000001")["state"].text(), "REFUND");
}

TEST_F(Refunds, ThatFailedLeaveTheOrderPaid) {
  pay_order();
  expect_acknowledged(refund("EV-2", {.refund_id = "a", .status = "ABNORMAL"}));
  expect_acknowledged(refund("EV-3", {.refund_id = "b", .status = "CLOSED"}));
  EXPECT_EQ(published("payments.refund.abnormal").size(), 1u);
  EXPECT_EQ(published("payments.refund.closed").size(), 1u);
  EXPECT_EQ(order("order-000001")["state"].text(), "SUCCESS");
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 0);
}

TEST_F(Refunds, ThatSucceededOrClosedStaySo) {
  pay_order();
  expect_acknowledged(refund("EV-2", {.refund_id = "a"}));
  expect_acknowledged(refund("EV-3", {.refund_id = "a", .status = "CLOSED"}));
  expect_acknowledged(refund("EV-4", {.refund_id = "b", .status = "CLOSED"}));
  expect_acknowledged(refund("EV-5", {.refund_id = "b"}));
  EXPECT_EQ(published("payments.refund.succeeded").size(), 1u);
  EXPECT_EQ(published("payments.refund.closed").size(), 1u);
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 300);
}

TEST_F(Refunds, ThatWentWrongMayStillSucceed) {
  pay_order();
  expect_acknowledged(refund("EV-2", {.status = "ABNORMAL"}));
  expect_acknowledged(refund("EV-3", {}));
  EXPECT_EQ(published("payments.refund.succeeded").size(), 1u);
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 300);
}

TEST_F(Refunds, CountOnceUnderHoweverManyEventIds) {
  pay_order();
  for (int i = 2; i < 6; ++i) expect_acknowledged(refund("EV-" + std::to_string(i), {}));
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 300);
  EXPECT_EQ(published("payments.refund.succeeded").size(), 1u);
}

TEST_F(Refunds, TurnAPaidOrderIntoARefundedOneForGood) {
  pay_order();
  expect_acknowledged(refund("EV-2", {.refund_id = "a"}));
  const Json event = published("payments.refund.succeeded").at(0);
  EXPECT_EQ(event["refund_fen"].integer(), 300);
  EXPECT_EQ(event["amount_fen"].integer(), 24'300);
  EXPECT_EQ(event["out_trade_no"].text(), "order-000001");
  EXPECT_EQ(event["payment_id"].text(),
            published("payments.payment.verified").at(0)["payment_id"].text());
  expect_acknowledged(refund("EV-3", {.refund_id = "b", .refund_fen = 24'000}));
  expect_acknowledged(pay("EV-4", {}));
  EXPECT_EQ(order("order-000001")["state"].text(), "REFUND");
  EXPECT_EQ(order("order-000001")["paid_fen"].integer(), 24'300);
  EXPECT_EQ(order("order-000001")["refunded_fen"].integer(), 24'300);
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
}

}  // namespace
}  // namespace payments::test
