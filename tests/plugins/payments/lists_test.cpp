#include "plugins/payments/fixture.hpp"

namespace payments::test {
namespace {

class Lists : public PaymentsTest {
 protected:
  void pay_orders(int how_many) {
    for (int i = 0; i < how_many; ++i) {
      const std::string number = std::to_string(100 + i);
      host_.clock().advance_ms(10);
      expect_acknowledged(pay(
          "EV-" + number, {.transaction_id = "t-" + number, .out_trade_no = "order-" + number}));
    }
  }
};

TEST_F(Lists, RefuseHalfAnOrderAndForeignCursors) {
  EXPECT_EQ(host_.call("GET", "/v1/payments/payments?merchant_id=" + merchant_).status, 400);
  EXPECT_EQ(host_.call("GET", "/v1/payments/payments?cursor=%20").status, 400);
  EXPECT_EQ(host_.call("GET", "/v1/payments/payments?limit=0").status, 400);
  EXPECT_EQ(host_.call("GET", "/v1/payments/payments?unknown=1").status, 400);
}

TEST_F(Lists, ShowOthersNothing) {
  pay_orders(2);
  expect_acknowledged(refund("EV-R", {.transaction_id = "t-100"}));
  expect_acknowledged(pay("EV-X", {.transaction_id = "t-x", .appid = "wxother"}));
  for (const char* path : {"payments", "held", "refunds", "exceptions"}) {
    EXPECT_TRUE(items("/v1/payments/" + std::string(path), {.org = "store-13"}).items().empty())
        << path;
  }
  EXPECT_TRUE(items("/v1/payments/payments?merchant_id=" + merchant_ + "&out_trade_no=order-100",
                    {.org = "store-13"})
                  .items()
                  .empty());
  EXPECT_EQ(items("/v1/payments/refunds", {.org = "dealer-1"}).items().size(), 1u);
  EXPECT_EQ(items("/v1/payments/exceptions", {.org = "dealer-1"}).items().size(), 1u);
}

TEST_F(Lists, GoThroughEveryPaymentOnceNewestFirst) {
  pay_orders(7);
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 5; ++page) {
    const Response response =
        host_.call("GET", "/v1/payments/payments?limit=3" + cursor, "", {.org = "dealer-1"});
    ASSERT_EQ(response.status, 200) << response.body;
    const Json json = response.json();
    for (const Json& item : json["items"].items()) seen.push_back(item["transaction_id"].text());
    if (json["next_cursor"].is_null()) break;
    cursor = "&cursor=" + json["next_cursor"].text();
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"t-106", "t-105", "t-104", "t-103", "t-102", "t-101",
                                            "t-100"}));
}

TEST_F(Lists, FindThePaymentsOfAnOrder) {
  pay_orders(3);
  const Json found =
      items("/v1/payments/payments?merchant_id=" + merchant_ + "&out_trade_no=order-101");
  ASSERT_EQ(found.items().size(), 1u);
  EXPECT_EQ(found.items().at(0)["transaction_id"].text(), "t-101");
  EXPECT_EQ(found.items().at(0)["state"].text(), "verified");
}

}  // namespace
}  // namespace payments::test
