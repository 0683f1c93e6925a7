// kill -9 under load. What clients were told stands in a log outside the host; every line of it
// must be true after the last restart.

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "faults/support/ack_log.hpp"
#include "faults/support/codes.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;
using e2e::Scene;

constexpr int64_t k_codes_a_round = 20;
constexpr int64_t k_members = 50;

class Kill : public testing::Test {
 protected:
  Kill()
      : rounds_(size(4, 1'000)),
        scene_({.plugins = {"payments", "membership", "coupons"},
                .environment = {{"FORECOURT_ACCESS_LOG", "off"}}}),
        log_path_(folder_.path() / "acknowledged"),
        log_(log_path_) {}

  e2e::WeChat::Callback payment(int64_t number) const {
    const std::string n = std::to_string(number);
    return scene_.wechat.payment("EV-K" + n, {"43000" + n, "order-k" + n, openid(number), 700});
  }
  static std::string openid(int64_t number) {
    return "openid-k" + std::to_string(number % k_members);
  }

  /// Payments and racing redemptions until the host is killed in their midst.
  void round(int64_t number, int acknowledged_first) {
    std::atomic<int> acknowledged{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] { send_payments(acknowledged); });
      threads.emplace_back([&, t] { send_redemptions(number, t); });
    }
    EXPECT_TRUE(e2e::eventually([&] { return acknowledged >= acknowledged_first; }))
        << scene_.host.output();
    scene_.host.kill();
    for (std::thread& thread : threads) thread.join();
  }

  void expect_acknowledged_true();
  void expect_every_payment_credited_once();

  const int64_t rounds_;
  Scene scene_;
  e2e::TempFolder folder_;
  const std::filesystem::path log_path_;
  AckLog log_;
  std::vector<std::string> codes_;
  std::atomic<int64_t> next_payment_{0};

 private:
  void send_payments(std::atomic<int>& acknowledged) {
    HttpClient client = scene_.host.client("");
    for (;;) {
      const int64_t number = next_payment_++;
      const auto call = payment(number);
      const Answer answer = client.post(scene_.notify_path(), call.body, call.headers);
      if (answer.status == 0) return;  // the host is gone
      if (answer.status / 100 != 2) continue;
      log_.add({"payment", std::to_string(number)});
      ++acknowledged;
    }
  }
  /// All threads of a round want the same codes, each under a request number of its own.
  void send_redemptions(int64_t number, int thread) {
    HttpClient client = scene_.host.client();
    for (int64_t i = number * k_codes_a_round; i < (number + 1) * k_codes_a_round; ++i) {
      const std::string& code = codes_[static_cast<size_t>(i)];
      const std::string request = code + "-" + std::to_string(thread);
      const Answer answer =
          client.post(redeem_path(code), redeem_body(request), {{"Idempotency-Key", request}});
      if (answer.status == 0) return;
      if (answer.status == 200) log_.add({"redeemed", code, request, answer.body});
    }
  }
};

void Kill::expect_acknowledged_true() {
  std::map<std::string, int> successes;
  const auto lines = AckLog::read(log_path_);
  ASSERT_FALSE(lines.empty());
  for (const auto& line : lines) {
    if (line[0] == "redeemed") ++successes[line[1]];
  }
  for (const auto& [code, times] : successes) EXPECT_EQ(times, 1) << code << " redeemed twice";
  in_parallel(scene_, e2e::k_admin_key, std::ssize(lines), 8, [&](HttpClient& client, int64_t i) {
    const auto& line = lines[static_cast<size_t>(i)];
    if (line[0] == "payment") {
      const Answer order =
          client.get("/v1/payments/orders/order-k" + line[1] + "?merchant_id=" + scene_.merchant);
      EXPECT_EQ(order.status, 200) << line[1] << ": acknowledged and lost; " << order.body;
      EXPECT_NE(order.body.find("\"state\":\"SUCCESS\""), std::string::npos) << order.body;
      return;
    }
    const Answer again =
        client.post(redeem_path(line[1]), redeem_body(line[2]), {{"Idempotency-Key", line[2]}});
    EXPECT_EQ(again.status, 200) << line[2] << ": acknowledged and lost; " << again.body;
    EXPECT_EQ(again.body, line[3]) << "a repeat after the crash answers what was answered before";
    const Answer without_key = client.post(redeem_path(line[1]), redeem_body(line[2]));
    EXPECT_EQ(without_key.body, line[3]) << "the plugin's own record says the same";
  });
}

/// The channel re-sends whatever it got no acknowledgement for.
void Kill::expect_every_payment_credited_once() {
  const int64_t payments = next_payment_;
  in_parallel(scene_, "", payments, 8, [&](HttpClient& client, int64_t number) {
    const auto call = payment(number);
    const Answer answer = client.post(scene_.notify_path(), call.body, call.headers);
    EXPECT_EQ(answer.status / 100, 2) << number << ": " << answer.body;
  });
  std::map<std::string, int64_t> expected;
  for (int64_t number = 0; number < payments; ++number) expected[openid(number)] += 7;
  HttpClient client = scene_.host.client();
  for (const auto& [who, points] : expected) {
    Balance balance;
    const int64_t due = points;
    EXPECT_TRUE(e2e::eventually([&, name = who] {
      balance = balance_of(client, name);
      return balance.points >= due;
    })) << who;
    EXPECT_EQ(balance.points, points) << who;
    EXPECT_EQ(balance.ledger_sum, points) << who << ": the balance is the sum of the ledger";
    EXPECT_TRUE(e2e::eventually([&] {
      const e2e::Document coupons =
          e2e::json_of(client.get("/v1/coupons/coupons?member_id=" + balance.member));
      return forecourt::json::find(coupons, "items")->Size() == 1;
    })) << "one welcome coupon for "
        << who;
  }
}

TEST_F(Kill, NothingAcknowledgedIsLostAndNothingHappensTwice) {
  codes_ = issue_codes(scene_, rounds_ * k_codes_a_round);
  std::mt19937 random(11);
  for (int64_t number = 0; number < rounds_; ++number) {
    if (!scene_.host.running()) scene_.host.start();
    ASSERT_NE(scene_.host.port(), 0) << scene_.host.output();
    round(number, 2 + static_cast<int>(random() % 40));
    if (HasFailure()) return;
  }
  scene_.host.start();
  ASSERT_NE(scene_.host.port(), 0) << scene_.host.output();
  expect_acknowledged_true();
  expect_every_payment_credited_once();
  report(grouped(rounds_) + " kills",
         grouped(std::ssize(AckLog::read(log_path_))) + " acknowledgements held");
}

}  // namespace
}  // namespace faults
