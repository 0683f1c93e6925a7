#include "plugins/payments/fixture.hpp"

namespace payments::test {
namespace {

class Merchants : public PaymentsTest {
 protected:
  int status_with(std::string_view member, Json value) {
    Json body = merchant_body();
    body.set("appid", "wxanother");
    body.set(member, std::move(value));
    return register_merchant(body).status;
  }
};

TEST_F(Merchants, OfAnotherOrgAreRefused) {
  Json body = merchant_body();
  body.set("appid", "wxanother");
  EXPECT_EQ(register_merchant(body, {.org = "store-13"}).status, 403);
  body.set("org", "no-such-org");
  EXPECT_EQ(register_merchant(body).status, 403);
  EXPECT_EQ(count("merchants"), 1);
}

TEST_F(Merchants, NeedTheManageScope) {
  EXPECT_EQ(register_merchant(merchant_body(), {.scopes = {"payments:write"}}).status, 403);
}

TEST_F(Merchants, WithAKeyThatIsNotThirtyTwoAsciiBytesAreRefused) {
  for (const std::string& key :
       {std::string(31, 'a'), std::string(33, 'a'), std::string(31, 'a') + " ",
        std::string(30, 'a') + "\u00e9", std::string(31, 'a') + "\u00e9"}) {
    EXPECT_EQ(status_with("api_v3_key", key), 400) << key;
  }
}

TEST_F(Merchants, WithoutAUsablePlatformKeyAreRefused) {
  const auto keys = [](const std::string& serial, const std::string& pem) {
    return Json::array({Json::object({{"serial", serial}, {"public_key_pem", pem}})});
  };
  EXPECT_EQ(status_with("platform_keys", Json::array()), 400);
  EXPECT_EQ(status_with("platform_keys", keys("01", "no PEM")), 400);
  EXPECT_EQ(status_with("platform_keys", keys("0 1", key().public_key_pem())), 400);
  EXPECT_EQ(status_with("platform_keys", keys("01", PlatformKey("01", 1024).public_key_pem())),
            400);
  EXPECT_EQ(status_with("platform_keys", Json::array({platform_key(key()), platform_key(key())})),
            400);
}

TEST_F(Merchants, OfAnUnknownChannelOrWithUnknownMembersAreRefused) {
  EXPECT_EQ(status_with("channel", "alipay"), 400);
  EXPECT_EQ(status_with("admin", true), 400);
}

TEST_F(Merchants, TwiceWithOtherValuesAreAConflict) {
  Json other_api_key = merchant_body();
  other_api_key.set("api_v3_key", std::string(32, 'x'));
  EXPECT_EQ(register_merchant(other_api_key).status, 409);
  Json other_keys = merchant_body();
  other_keys.set("platform_keys", Json::array({platform_key(key()), platform_key(other_key())}));
  EXPECT_EQ(register_merchant(other_keys).status, 409);
  Json other_org = merchant_body();
  other_org.set("org", "store-13");
  EXPECT_EQ(register_merchant(other_org).status, 409);
  EXPECT_EQ(register_merchant(other_org, {.org = "store-13"}).status, 409) << "unseen, and taken";
}

TEST_F(Merchants, TwiceWithTheSameValuesAreOne) {
  const Response again = made(register_merchant(merchant_body()));
  EXPECT_EQ(again.json()["id"].text(), merchant_);
  EXPECT_EQ(count("merchants"), 1);
  EXPECT_EQ(count("platform_keys"), 1);
}

TEST_F(Merchants, NeverShowTheirSecrets) {
  const Response shown = host_.call("GET", "/v1/payments/merchants/" + merchant_);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(shown.body.find(std::string(k_api_v3_key)), std::string::npos);
  EXPECT_EQ(shown.json()["mchid"].text(), "1230000109");
  EXPECT_EQ(shown.json()["platform_keys"].items().at(0)["serial"].text(), key().serial());
  for (const auto& row : host_.query("SELECT api_v3_key FROM merchants")) {
    EXPECT_EQ(
        row.at(0).is_text() ? row.at(0).text().find(std::string(k_api_v3_key)) : std::string::npos,
        std::string::npos)
        << "sealed at rest";
  }
}

TEST_F(Merchants, OfOthersAreNotFound) {
  const CallOptions foreign{.org = "store-13"};
  EXPECT_EQ(host_.call("GET", "/v1/payments/merchants/" + merchant_, "", foreign).status, 404);
  EXPECT_TRUE(items("/v1/payments/merchants", foreign).items().empty());
  const std::string keys =
      Json::object({{"platform_keys", Json::array({platform_key(other_key())})}}).dump();
  EXPECT_EQ(
      host_.call("PUT", "/v1/payments/merchants/" + merchant_ + "/platform-keys", keys, foreign)
          .status,
      404);
  const std::string api_key = Json::object({{"api_v3_key", std::string(32, 'x')}}).dump();
  EXPECT_EQ(
      host_.call("PUT", "/v1/payments/merchants/" + merchant_ + "/api-v3-key", api_key, foreign)
          .status,
      404);
  expect_acknowledged(pay("EV-1", {}));  // its keys are as they were
}

TEST_F(Merchants, AreListedInPages) {
  for (const char* appid : {"wxa", "wxb", "wxc"}) {
    Json body = merchant_body();
    body.set("appid", appid);
    host_.clock().advance_ms(1);
    made(register_merchant(body));
  }
  const Json first = host_.call("GET", "/v1/payments/merchants?limit=3").json();
  ASSERT_EQ(first["items"].items().size(), 3u);
  const Json rest = items("/v1/payments/merchants?limit=3&cursor=" + first["next_cursor"].text());
  ASSERT_EQ(rest.items().size(), 1u);
  EXPECT_EQ(rest.items().at(0)["appid"].text(), "wxc");
  EXPECT_EQ(host_.call("GET", "/v1/payments/merchants?limit=101").status, 400);
}

TEST_F(Merchants, HoldTheOldAndTheNewKeyDuringASwitch) {
  const std::string both =
      Json::object(
          {{"platform_keys", Json::array({platform_key(key()), platform_key(other_key())})}})
          .dump();
  const std::string path = "/v1/payments/merchants/" + merchant_ + "/platform-keys";
  ASSERT_EQ(host_.call("PUT", path, both).status, 200);
  expect_acknowledged(pay("EV-1", {}));
  const std::string second =
      envelope("EV-2", "TRANSACTION.SUCCESS",
               resource_of(Transaction{.transaction_id = "t-2", .out_trade_no = "order-000002"}));
  expect_acknowledged(send(signed_by(other_key(), second, now_s())));

  const std::string only_new =
      Json::object({{"platform_keys", Json::array({platform_key(other_key())})}}).dump();
  ASSERT_EQ(host_.call("PUT", path, only_new).status, 200);
  expect_refused(pay("EV-3", {.transaction_id = "t-3", .out_trade_no = "order-000003"}), 403);
}

TEST_F(Merchants, TakeACertificateAndASerialInAnyCase) {
  Json body = merchant_body();
  body.set("appid", "wxcertificate");
  body.set("platform_keys",
           Json::array({Json::object({{"serial", "5157f09efdc096de15ebe81a47057a7232f1b8e1"},
                                      {"public_key_pem", key().certificate_pem()}})}));
  const std::string id = made(register_merchant(body)).json()["id"].text();
  expect_acknowledged(send(
      callback("EV-1", "TRANSACTION.SUCCESS", resource_of(Transaction{.appid = "wxcertificate"})),
      id));
  EXPECT_EQ(published("payments.payment.verified").size(), 1u);
}

TEST_F(Merchants, OpenCallbacksWithTheApiKeyOfToday) {
  const std::string new_key(32, 'n');
  ASSERT_EQ(host_
                .call("PUT", "/v1/payments/merchants/" + merchant_ + "/api-v3-key",
                      Json::object({{"api_v3_key", new_key}}).dump())
                .status,
            200);
  expect_refused(pay("EV-1", {}), 400);
  const std::string body =
      envelope("EV-1", "TRANSACTION.SUCCESS", resource_of(Transaction{}), new_key);
  expect_acknowledged(send(signed_by(key(), body, now_s())));
}

}  // namespace
}  // namespace payments::test
