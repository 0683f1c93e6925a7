#include "plugins/payments/fixture.hpp"

namespace payments::test {
namespace {

class Held : public PaymentsTest {
 protected:
  Held() { host_.set_config("group", R"({"unknown_orders":"hold"})"); }
  std::string hold_one() {
    expect_acknowledged(pay("EV-1", {}));
    const Json held = items("/v1/payments/held");
    EXPECT_EQ(held.items().size(), 1u);
    return held.items().at(0)["id"].text();
  }
  Response release(const std::string& id, const CallOptions& who = {}) {
    return host_.call("POST", "/v1/payments/held/" + id + "/release", "", who);
  }
};

TEST_F(Held, PaymentsOfOthersAreNotSeenNorReleased) {
  const std::string id = hold_one();
  EXPECT_TRUE(items("/v1/payments/held", {.org = "store-13"}).items().empty());
  EXPECT_EQ(release(id, {.org = "store-13"}).status, 404);
  EXPECT_EQ(release("pay_unknown").status, 404);
  EXPECT_TRUE(host_.events().empty());
}

TEST_F(Held, PaymentsCreditNothing) {
  hold_one();
  EXPECT_TRUE(host_.events().empty());
  EXPECT_EQ(get_order("order-000001").status, 404);
  expect_acknowledged(pay("EV-2", {}));
  EXPECT_EQ(items("/v1/payments/held").items().size(), 1u) << "one transaction is held once";
  EXPECT_TRUE(exception_reasons().empty());
}

TEST_F(Held, PaymentsThatAreVerifiedWereNotHeld) {
  made(register_order("order-000001", 24'300));
  expect_acknowledged(pay("EV-1", {}));
  const std::string id = items("/v1/payments/payments").items().at(0)["id"].text();
  EXPECT_EQ(release(id).status, 404);
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
}

TEST_F(Held, PaymentsAreReleasedOnce) {
  const std::string id = hold_one();
  const Response first = release(id);
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.json()["state"].text(), "verified");
  host_.clock().advance_ms(1000);
  EXPECT_EQ(release(id).body, first.body);
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
  EXPECT_TRUE(items("/v1/payments/held").items().empty());
  EXPECT_EQ(order("order-000001")["state"].text(), "SUCCESS");
}

TEST_F(Held, PaymentsAreReleasedByTheirOrder) {
  const std::string id = hold_one();
  EXPECT_EQ(made(register_order("order-000001", 24'300)).json()["state"].text(), "SUCCESS");
  const auto verified = published("payments.payment.verified");
  ASSERT_EQ(verified.size(), 1u);
  EXPECT_TRUE(verified[0]["order_known"].boolean());
  EXPECT_EQ(release(id).status, 200);
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
}

TEST_F(Held, PaymentsTheirOrderDisagreesWithAreExceptions) {
  const std::string id = hold_one();
  EXPECT_EQ(made(register_order("order-000001", 1)).json()["state"].text(), "NOTPAY");
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"amount-mismatch"});
  EXPECT_TRUE(items("/v1/payments/held").items().empty());
  EXPECT_EQ(release(id).status, 409);
  EXPECT_TRUE(published("payments.payment.verified").empty());
}

TEST_F(Held, PaymentsOfOneOrderAreOne) {
  hold_one();
  expect_acknowledged(pay("EV-2", {.transaction_id = "another"}));
  EXPECT_EQ(exception_reasons(), std::vector<std::string>{"order-already-paid"});
  EXPECT_EQ(items("/v1/payments/held").items().size(), 1u);
}

TEST_F(Held, IsWhatTheNearestOrgSays) {
  host_.set_config("store-12", R"({"unknown_orders":"accept"})");
  expect_acknowledged(pay("EV-1", {}));
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
}

}  // namespace
}  // namespace payments::test
