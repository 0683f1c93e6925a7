// kill -9 under load. This process is the witness: what it saw acknowledged must be there after
// every restart.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;

/// What was acknowledged, seen from outside the host's process tree.
struct Witness {
  std::mutex mutex;
  std::set<int> payments;                       ///< numbers whose callback was acknowledged
  std::map<std::string, std::string> redeemed;  ///< request body → the 200 answer's body, by code
  std::map<std::string, int> successes;         ///< code → how many different requests got 200
};

WeChat::Callback payment_of(const Scene& scene, int number) {
  const std::string n = std::to_string(number);
  return scene.wechat.payment(
      "EV-K" + n, {"43000" + n, "order-k" + n, "openid-k" + std::to_string(number % 7), 700});
}

std::string redemption_of(const std::string& code, int attempt) {
  return "{\"request_no\":\"" + code + "-" + std::to_string(attempt) +
         "\",\"store\":\"store-12\",\"order_amount_fen\":6000}";
}

TEST(Kill, NothingAcknowledgedIsLostAndNothingHappensTwice) {
  constexpr int k_rounds = 8;
  Scene scene;
  HttpClient admin = scene.host.client();
  const std::string batch = scene.make_batch(admin, 100'000, 100'000);
  std::vector<std::string> codes;
  for (int i = 0; i < 200; ++i)
    codes.push_back(scene.issue(admin, batch, "mem_kill", "kill-" + std::to_string(i)));

  Witness witness;
  std::atomic<int> next_payment{0};
  std::mt19937 random(11);
  for (int round = 0; round < k_rounds; ++round) {
    if (!scene.host.running()) scene.host.start();
    ASSERT_NE(scene.host.port(), 0) << scene.host.output();
    std::atomic<bool> stop{false};
    std::atomic<int> acknowledged{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        HttpClient client = scene.host.client("");
        while (!stop) {
          const int number = next_payment++;
          const auto call = payment_of(scene, number);
          const Answer answer = client.post(scene.notify_path(), call.body, call.headers);
          if (answer.status == 0) return;
          if (answer.status / 100 != 2) continue;
          ++acknowledged;
          std::lock_guard lock(witness.mutex);
          witness.payments.insert(number);
        }
      });
      threads.emplace_back([&, t, round] {
        HttpClient client = scene.host.client();
        // Each round ends its own quarter of the codes; racing threads use other request numbers.
        for (size_t i = static_cast<size_t>(round) * 25;
             i < static_cast<size_t>(round + 1) * 25 && !stop; ++i) {
          const std::string& code = codes[i];
          const std::string body = redemption_of(code, t);
          const Answer answer = client.post("/v1/coupons/coupons/" + code + "/redeem", body);
          if (answer.status == 0) return;
          if (answer.status != 200) continue;
          std::lock_guard lock(witness.mutex);
          witness.redeemed[code + "\n" + body] = answer.body;
          ++witness.successes[code];
        }
      });
    }
    const int target = 20 + static_cast<int>(random() % 150);
    ASSERT_TRUE(eventually([&] { return acknowledged >= target; })) << scene.host.output();
    scene.host.kill();
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }

  scene.host.start();
  ASSERT_NE(scene.host.port(), 0) << scene.host.output();
  HttpClient client = scene.host.client();

  for (const int number : witness.payments) {
    const Answer order = client.get("/v1/payments/orders/order-k" + std::to_string(number) +
                                    "?merchant_id=" + scene.merchant);
    ASSERT_EQ(order.status, 200) << number << ": acknowledged and lost; " << order.body;
    EXPECT_EQ(text_of(order, "state"), "SUCCESS");
  }
  for (const auto& [code, times] : witness.successes)
    EXPECT_EQ(times, 1) << code << " redeemed twice";
  for (const auto& [key, body] : witness.redeemed) {
    const size_t cut = key.find('\n');
    const Answer again =
        client.post("/v1/coupons/coupons/" + key.substr(0, cut) + "/redeem", key.substr(cut + 1));
    EXPECT_EQ(again.status, 200) << key;
    EXPECT_EQ(again.body, body) << "a repeat after the crash answers what was answered before";
  }

  // The channel re-sends whatever it got no acknowledgement for; then every payment is credited
  // exactly once.
  const int payments = next_payment;
  HttpClient channel = scene.host.client("");
  for (int number = 0; number < payments; ++number) {
    const auto call = payment_of(scene, number);
    ASSERT_EQ(channel.post(scene.notify_path(), call.body, call.headers).status / 100, 2) << number;
  }
  int64_t expected[7] = {};
  for (int number = 0; number < payments; ++number) expected[number % 7] += 7;
  for (int who = 0; who < 7 && who < payments; ++who) {
    const std::string target = "/v1/membership/members?openid=openid-k" + std::to_string(who);
    int64_t points = -1;
    EXPECT_TRUE(eventually([&] {
      const Document page = json_of(client.get(target));
      const json::Value* items = json::find(page, "items");
      if (!items || !items->IsArray() || items->Size() != 1) return false;
      points = integer_of((*items)[0], "points");
      return points >= expected[who];
    })) << "openid-k"
        << who << " has " << points << " of " << expected[who];
    EXPECT_EQ(points, expected[who]) << "openid-k" << who;
    const Document page = json_of(client.get(target));
    const std::string member(json::text((*json::find(page, "items"))[0], "id"));
    int64_t sum = 0;
    std::string cursor;
    do {
      const Document ledger =
          json_of(client.get("/v1/membership/members/" + member + "/ledger?limit=100" + cursor));
      for (const json::Value& row : json::find(ledger, "items")->GetArray())
        sum += integer_of(row, "points");
      const std::string_view next = json::text(ledger, "next_cursor");
      cursor = next.empty() ? "" : "&cursor=" + std::string(next);
    } while (!cursor.empty());
    EXPECT_EQ(sum, points) << "the balance is the sum of the ledger";
    EXPECT_TRUE(eventually([&] {
      const Document coupons = json_of(client.get("/v1/coupons/coupons?member_id=" + member));
      return json::find(coupons, "items")->Size() == 1;
    })) << "one welcome coupon for openid-k"
        << who;
  }
}

}  // namespace
}  // namespace e2e
