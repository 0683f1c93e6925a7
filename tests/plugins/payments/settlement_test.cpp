#include "plugins/payments/fixture.hpp"

namespace payments::test {
namespace {

class Settlement : public PaymentsTest {
 protected:
  /// Acknowledged, kept, raised once, credits nothing.
  void expect_exception(const Response& response, const std::string& reason) {
    expect_acknowledged(response);
    EXPECT_EQ(exception_reasons(), std::vector<std::string>{reason});
    EXPECT_EQ(count("notifications"), 1);
    EXPECT_TRUE(published("payments.payment.verified").empty());
    const Json listed = items("/v1/payments/exceptions");
    ASSERT_EQ(listed.items().size(), 1u);
    EXPECT_EQ(listed.items().at(0)["reason"].text(), reason);
    EXPECT_EQ(listed.items().at(0)["org"].text(), "store-12");
  }
};

TEST_F(Settlement, OfAnotherAmountIsAnException) {
  made(register_order("order-000001", 24'301));
  expect_exception(pay("EV-1", {}), "amount-mismatch");
  EXPECT_EQ(order("order-000001")["state"].text(), "NOTPAY");
  EXPECT_EQ(order("order-000001")["paid_fen"].integer(), 0);
}

TEST_F(Settlement, OfAnotherMerchantIsAnException) {
  made(register_order("order-000001", 24'300));
  expect_exception(pay("EV-1", {.mchid = "1900000109"}), "mchid-mismatch");
  EXPECT_EQ(order("order-000001")["state"].text(), "NOTPAY");
}

TEST_F(Settlement, OfAnotherAppIsAnExceptionEvenForAnUnknownOrder) {
  expect_exception(pay("EV-1", {.appid = "wxother"}), "appid-mismatch");
}

TEST_F(Settlement, InAnotherCurrencyIsAnException) {
  made(register_order("order-000001", 24'300));
  expect_exception(pay("EV-1", {.currency = "USD"}), "currency-mismatch");
}

TEST_F(Settlement, WithoutAUsableAmountIsAnException) {
  for (const int64_t amount : {0, -1}) pay("EV" + std::to_string(amount), {.total_fen = amount});
  EXPECT_EQ(exception_reasons(), (std::vector<std::string>{"incomplete"}))
      << "one transaction, one case";
  EXPECT_EQ(count("notifications"), 2);
  EXPECT_EQ(count("payments"), 0);
}

TEST_F(Settlement, AfterTheOrderWasClosedIsAnException) {
  made(register_order("order-000001", 24'300));
  ASSERT_EQ(host_
                .call("POST", "/v1/payments/orders/order-000001/close",
                      Json::object({{"merchant_id", merchant_}}).dump())
                .status,
            200);
  expect_exception(pay("EV-1", {}), "order-closed");
  EXPECT_EQ(order("order-000001")["state"].text(), "CLOSED") << "nothing leaves a terminal state";
}

TEST_F(Settlement, OfAPaidOrderBySomethingElseIsAnException) {
  made(register_order("order-000001", 24'300));
  expect_acknowledged(pay("EV-1", {}));
  expect_acknowledged(pay("EV-2", {.transaction_id = "another"}));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"order-already-paid"});
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
  EXPECT_EQ(order("order-000001")["transaction_id"].text(), Transaction{}.transaction_id);
  EXPECT_EQ(order("order-000001")["paid_fen"].integer(), 24'300);
}

TEST_F(Settlement, OfASecondOrderByTheSameTransactionIsAnException) {
  expect_acknowledged(pay("EV-1", {}));
  expect_acknowledged(pay("EV-2", {.out_trade_no = "order-000002"}));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"transaction-reused"});
  EXPECT_EQ(count("payments"), 1);
}

TEST_F(Settlement, ByATransactionAnotherOrgHasIsAnException) {
  Json body = merchant_body();
  body.set("appid", "wxother");
  body.set("org", "store-13");
  const std::string other = made(register_merchant(body)).json()["id"].text();
  expect_acknowledged(
      send(callback("EV-1", "TRANSACTION.SUCCESS", resource_of(Transaction{.appid = "wxother"})),
           other));
  expect_acknowledged(pay("EV-2", {}));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"transaction-reused"});
  EXPECT_EQ(published("payments.payment.verified").size(), 1u)
      << "once per channel and transaction, for ever";
}

TEST_F(Settlement, OnceRaisedIsNotRaisedAgain) {
  made(register_order("order-000001", 1));
  for (int i = 0; i < 4; ++i) expect_acknowledged(pay("EV-" + std::to_string(i % 2), {}));
  EXPECT_EQ(exception_reasons().size(), 1u);
}

TEST_F(Settlement, InAnotherTradeStateIsKeptAndNothingElse) {
  made(register_order("order-000001", 24'300));
  expect_acknowledged(pay("EV-1", {.trade_state = "NOTPAY"}));
  EXPECT_EQ(order("order-000001")["state"].text(), "NOTPAY");
  EXPECT_EQ(count("notifications"), 1);
  EXPECT_TRUE(host_.events().empty());
}

TEST_F(Settlement, PaysARegisteredOrder) {
  made(register_order("order-000001", 24'300));
  expect_acknowledged(pay("EV-1", {}));
  const Json paid = order("order-000001");
  EXPECT_EQ(paid["state"].text(), "SUCCESS");
  EXPECT_EQ(paid["transaction_id"].text(), Transaction{}.transaction_id);
  EXPECT_EQ(paid["paid_fen"].integer(), 24'300);
  EXPECT_EQ(paid["payer_openid"].text(), Transaction{}.openid);
  EXPECT_EQ(paid["paid_at"].text(), "2018-06-08T02:34:56.000Z");

  const auto events = host_.events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, "payments.payment.verified");
  EXPECT_EQ(events[0].org, "store-12");
  const Json data = events[0].json();
  EXPECT_EQ(data["payment_id"].text(), events[0].subject);
  EXPECT_EQ(data["channel"].text(), "wechat");
  EXPECT_EQ(data["merchant_id"].text(), merchant_);
  EXPECT_EQ(data["mchid"].text(), "1230000109");
  EXPECT_EQ(data["appid"].text(), "wxd678efh567hg6787");
  EXPECT_EQ(data["openid"].text(), Transaction{}.openid);
  EXPECT_EQ(data["transaction_id"].text(), Transaction{}.transaction_id);
  EXPECT_EQ(data["out_trade_no"].text(), "order-000001");
  EXPECT_EQ(data["amount_fen"].integer(), 24'300);
  EXPECT_EQ(data["success_time"].text(), "2018-06-08T02:34:56.000Z");
  EXPECT_TRUE(data["order_known"].boolean());
}

TEST_F(Settlement, OfAnOrderNobodyRegisteredIsAPaymentToo) {
  expect_acknowledged(pay("EV-1", {}));
  EXPECT_FALSE(published("payments.payment.verified").at(0)["order_known"].boolean());
  EXPECT_EQ(order("order-000001")["state"].text(), "SUCCESS");
  EXPECT_FALSE(order("order-000001")["registered"].boolean());
  EXPECT_EQ(register_order("order-000001", 1).status, 409);
  EXPECT_EQ(made(register_order("order-000001", 24'300)).json()["state"].text(), "SUCCESS");
  EXPECT_TRUE(order("order-000001")["registered"].boolean());
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
}

TEST_F(Settlement, ReadsTheChannelsOwnSample) {
  expect_acknowledged(send(callback("EV-1", "TRANSACTION.SUCCESS",
                                    test_data("wechatpay/resources/TransactionResource.json"))));
  const Json data = published("payments.payment.verified").at(0);
  EXPECT_EQ(data["amount_fen"].integer(), 100);
  EXPECT_EQ(data["openid"].text(), "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o");
}

TEST_F(Settlement, OfAServiceProviderCountsForTheSubMerchantOnly) {
  const std::string sample = test_data("wechatpay/resources/PartnerTransactionResource.json");
  Json body = merchant_body();
  body.set("mchid", "1900000109");
  body.set("appid", "wxd678efh567hg6999");
  const std::string sub_merchant = made(register_merchant(body)).json()["id"].text();
  expect_acknowledged(send(callback("EV-1", "TRANSACTION.SUCCESS", sample)));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"mchid-mismatch"})
      << "the provider gets no money";
  expect_acknowledged(send(callback("EV-1", "TRANSACTION.SUCCESS", sample), sub_merchant));
  EXPECT_EQ(published("payments.payment.verified").at(0)["mchid"].text(), "1900000109");
}

TEST_F(Settlement, OfATradeWithoutAPayerNamesNone) {
  expect_acknowledged(pay("EV-1", {.openid = ""}));
  EXPECT_TRUE(published("payments.payment.verified").at(0)["openid"].is_null());
}

}  // namespace
}  // namespace payments::test
