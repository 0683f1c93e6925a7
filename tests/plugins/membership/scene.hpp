#pragma once

#include <forecourt/testkit/testkit.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// A dealer group: dealer-1 with store-11 and store-12, dealer-2 with store-21.
class Scene : public testing::Test {
 protected:
  using Response = fc::testkit::Response;

  explicit Scene(std::vector<fc::testkit::Plugin> plugins = {{.bundle = BUNDLE}})
      : host_(std::move(plugins)) {
    host_.add_org("dealer-1", "dealer");
    host_.add_org("store-11", "store", "dealer-1");
    host_.add_org("store-12", "store", "dealer-1");
    host_.add_org("dealer-2", "dealer");
    host_.add_org("store-21", "store", "dealer-2");
  }

  /// A payment of `amount_fen` by `openid` at `org`, as the payments plugin tells of it.
  static fc::Json payment(const std::string& openid, const std::string& transaction,
                          int64_t amount_fen) {
    return fc::Json::object({{"payment_id", "pay_" + transaction},
                             {"channel", "wechat"},
                             {"merchant_id", "mch_1"},
                             {"mchid", "1230000109"},
                             {"appid", "wx-1"},
                             {"openid", openid},
                             {"transaction_id", transaction},
                             {"out_trade_no", "order-" + transaction},
                             {"amount_fen", amount_fen},
                             {"success_time", "2023-11-14T22:13:20.000Z"},
                             {"order_known", true}});
  }
  void publish(const std::string& org, const fc::Json& payment) {
    host_.publish_event("payments.payment.verified", payment.dump(), org,
                        payment["payment_id"].text());
  }
  void pay(const std::string& org, const std::string& openid, const std::string& transaction,
           int64_t amount_fen) {
    publish(org, payment(openid, transaction, amount_fen));
  }

  Response get(const std::string& org, const std::string& target) {
    return host_.call("GET", target, "", {.org = org});
  }
  std::vector<fc::Json> members(const std::string& org, const std::string& openid) {
    return get(org, "/v1/membership/members?openid=" + openid).json()["items"].items();
  }
  /// The one member with this openid, as the group sees it.
  fc::Json member(const std::string& openid) {
    const auto found = members("group", openid);
    EXPECT_EQ(found.size(), 1u) << openid;
    return found.empty() ? fc::Json::object() : found[0];
  }
  /// A member that paid 100 yuan at store-11; its id.
  std::string new_member(const std::string& openid = "openid-1") {
    pay("store-11", openid, "first-of-" + openid, 10'000);
    return member(openid)["id"].text();
  }

  Response adjust(const std::string& org, const std::string& member, int64_t points,
                  const std::string& source, const std::string& reason = "goodwill") {
    return host_.call(
        "POST", "/v1/membership/members/" + member + "/adjustments",
        fc::Json::object(
            {{"points", static_cast<long long>(points)}, {"reason", reason}, {"source_id", source}})
            .dump(),
        {.org = org});
  }
  int64_t points(const std::string& openid) { return member(openid)["points"].integer(); }
  size_t count_events(const std::string& type) {
    size_t count = 0;
    for (const auto& event : host_.events()) count += event.type == type;
    return count;
  }
  static std::string problem(const Response& response) {
    return response.status < 400 ? "" : response.json()["code"].text();
  }

  fc::testkit::Host host_;
};

#define EXPECT_REFUSED(response, expected_status, expected_code) \
  do {                                                           \
    const fc::testkit::Response refused = (response);            \
    EXPECT_EQ(refused.status, expected_status) << refused.body;  \
    EXPECT_EQ(problem(refused), expected_code) << refused.body;  \
  } while (false)
