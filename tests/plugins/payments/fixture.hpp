#pragma once

#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "plugins/payments/channel.hpp"

namespace payments::test {

using fc::Json;
using fc::testkit::CallOptions;
using fc::testkit::Response;

/// A host with the plugin, two stores under one dealer, and one merchant of store-12.
class PaymentsTest : public testing::Test {
 protected:
  PaymentsTest() {
    host_.add_org("dealer-1", "dealer");
    host_.add_org("store-12", "store", "dealer-1");
    host_.add_org("store-13", "store", "dealer-1");
    merchant_ = made(register_merchant(merchant_body())).json()["id"].text();
  }

  /// Making keys takes long: one for all tests.
  static const PlatformKey& key() {
    static const PlatformKey key("5157F09EFDC096DE15EBE81A47057A7232F1B8E1");
    return key;
  }
  static const PlatformKey& other_key() {
    static const PlatformKey key("PUB_KEY_ID_0114232134912410000000000000");
    return key;
  }

  static Json merchant_body() {
    return Json::object({{"channel", "wechat"},
                         {"mchid", "1230000109"},
                         {"appid", "wxd678efh567hg6787"},
                         {"api_v3_key", k_api_v3_key},
                         {"platform_keys", Json::array({platform_key(key())})},
                         {"org", "store-12"}});
  }
  static Json platform_key(const PlatformKey& key) {
    return Json::object({{"serial", key.serial()}, {"public_key_pem", key.public_key_pem()}});
  }
  Response register_merchant(const Json& body, const CallOptions& who = {}) {
    return host_.call("POST", "/v1/payments/merchants", body.dump(), who);
  }
  static Response made(Response response) {
    EXPECT_EQ(response.status, 201) << response.body;
    return response;
  }

  Response register_order(const std::string& out_trade_no, int64_t amount_fen,
                          const CallOptions& who = {}) {
    const Json body = Json::object(
        {{"merchant_id", merchant_}, {"out_trade_no", out_trade_no}, {"amount_fen", amount_fen}});
    return host_.call("POST", "/v1/payments/orders", body.dump(), who);
  }
  Response get_order(const std::string& out_trade_no, const CallOptions& who = {}) {
    return host_.call("GET", "/v1/payments/orders/" + out_trade_no + "?merchant_id=" + merchant_,
                      "", who);
  }
  Json order(const std::string& out_trade_no) { return get_order(out_trade_no).json(); }

  int64_t now_s() { return host_.clock().now_ms() / 1000; }
  Callback callback(const std::string& event_id, const std::string& event_type,
                    const std::string& resource) {
    return signed_by(key(), envelope(event_id, event_type, resource), now_s());
  }
  Response send(const Callback& callback, const std::string& merchant) {
    return host_.call("POST", "/v1/payments/wechat/" + merchant + "/notify", callback.body,
                      {.scopes = {}, .headers = callback.headers});
  }
  Response send(const Callback& callback) { return send(callback, merchant_); }
  Response pay(const std::string& event_id, const Transaction& transaction) {
    return send(callback(event_id, "TRANSACTION.SUCCESS", resource_of(transaction)));
  }
  Response refund(const std::string& event_id, const Refund& refund) {
    return send(callback(event_id, "REFUND." + refund.status, resource_of(refund)));
  }

  std::vector<Json> published(const std::string& type) {
    std::vector<Json> out;
    for (const auto& event : host_.events()) {
      if (event.type == type) out.push_back(event.json());
    }
    return out;
  }
  std::vector<std::string> exception_reasons() {
    std::vector<std::string> out;
    for (const Json& event : published("payments.payment.exception"))
      out.push_back(event["reason"].text());
    return out;
  }
  int64_t count(const std::string& table) {
    return host_.query("SELECT COUNT(*) FROM " + table).at(0).at(0).integer();
  }
  Json items(const std::string& path, const CallOptions& who = {}) {
    const Response response = host_.call("GET", path, "", who);
    EXPECT_EQ(response.status, 200) << response.body;
    return response.json()["items"];
  }

  fc::testkit::Host host_{{.bundle = BUNDLE}};
  std::string merchant_;
};

inline void expect_acknowledged(const Response& response) {
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.json()["code"].text(), "SUCCESS");
}
inline void expect_refused(const Response& response, int status) {
  EXPECT_EQ(response.status, status) << response.body;
  EXPECT_EQ(response.json()["code"].text(), "FAIL");
  EXPECT_FALSE(response.json()["message"].text().empty());
}

}  // namespace payments::test
