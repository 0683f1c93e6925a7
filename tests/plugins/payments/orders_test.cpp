#include "plugins/payments/fixture.hpp"

namespace payments::test {
namespace {

class Orders : public PaymentsTest {
 protected:
  Response close(const std::string& out_trade_no, const CallOptions& who = {}) {
    return host_.call("POST", "/v1/payments/orders/" + out_trade_no + "/close",
                      Json::object({{"merchant_id", merchant_}}).dump(), who);
  }
};

TEST_F(Orders, WithBadNumbersOrAmountsAreRefused) {
  for (const char* number : {"", "short", "has space", "slash/es",
                             "number-that-is-longer-than-32-chars", "订单订单订单"}) {
    EXPECT_EQ(register_order(number, 100).status, 400) << number;
  }
  EXPECT_EQ(register_order("order-000001", 0).status, 400);
  EXPECT_EQ(register_order("order-000001", -1).status, 400);
  EXPECT_EQ(register_order("order-000001", INT64_MAX).status, 400);
}

TEST_F(Orders, OfOthersMerchantsAreNotFound) {
  EXPECT_EQ(register_order("order-000001", 100, {.org = "store-13"}).status, 404);
  ASSERT_EQ(register_order("order-000001", 100, {.org = "store-12"}).status, 201);
  EXPECT_EQ(get_order("order-000001", {.org = "store-13"}).status, 404);
  EXPECT_EQ(close("order-000001", {.org = "store-13"}).status, 404);
  EXPECT_EQ(get_order("order-000001", {.org = "dealer-1"}).status, 200);
  EXPECT_EQ(order("order-000001")["state"].text(), "NOTPAY");
}

TEST_F(Orders, NobodyRegisteredAreNotFound) {
  EXPECT_EQ(get_order("order-000001").status, 404);
  EXPECT_EQ(close("order-000001").status, 404);
  EXPECT_EQ(host_.call("GET", "/v1/payments/orders/order-000001").status, 400);
}

TEST_F(Orders, TwiceWithAnotherAmountAreAConflict) {
  made(register_order("order-000001", 100));
  EXPECT_EQ(register_order("order-000001", 101).status, 409);
  EXPECT_EQ(order("order-000001")["amount_fen"].integer(), 100);
}

TEST_F(Orders, TwiceWithTheSameAmountAreOne) {
  const Response first = made(register_order("order-000001", 100));
  host_.clock().advance_ms(60'000);
  const Response second = made(register_order("order-000001", 100));
  EXPECT_EQ(first.body, second.body);
  EXPECT_EQ(count("orders"), 1);
}

TEST_F(Orders, StartUnpaid) {
  made(register_order("order-000001", 100));
  const Json order = this->order("order-000001");
  EXPECT_EQ(order["state"].text(), "NOTPAY");
  EXPECT_EQ(order["amount_fen"].integer(), 100);
  EXPECT_EQ(order["paid_fen"].integer(), 0);
  EXPECT_TRUE(order["transaction_id"].is_null());
  EXPECT_TRUE(order["payer_openid"].is_null());
}

TEST_F(Orders, CloseOnceAndForGood) {
  made(register_order("order-000001", 100));
  EXPECT_EQ(close("order-000001").json()["state"].text(), "CLOSED");
  EXPECT_EQ(close("order-000001").status, 200);
  EXPECT_EQ(made(register_order("order-000001", 100)).json()["state"].text(), "CLOSED");
}

TEST_F(Orders, ThatArePaidDoNotClose) {
  made(register_order("order-000001", 24'300));
  expect_acknowledged(pay("EV-1", {}));
  EXPECT_EQ(close("order-000001").status, 409);
  EXPECT_EQ(order("order-000001")["state"].text(), "SUCCESS");
}

}  // namespace
}  // namespace payments::test
