// kill -9 under load: of the host, of the process of an isolated plugin, of both at once. What
// clients were told stands in a log outside of all of them; every line of it must be true at the end.

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "faults/support/ack_log.hpp"
#include "faults/support/codes.hpp"
#include "faults/support/faulty_host.hpp"
#include "faults/support/plugin_process.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;
using e2e::Scene;

constexpr int64_t k_codes_a_round = 20;
constexpr int64_t k_members = 50;
const std::vector<std::string> k_plugins = {"payments", "membership", "coupons"};

struct Victim {
  const char* name;
  const char* mode;
  bool host;
  bool plugin;  ///< the process of one of them, in turn
  int64_t kills_in_slice;
  int64_t kills;
};

constexpr Victim k_victims[] = {{"host_in_process", "in-process", true, false, 4, 1'000},
                                {"plugin_isolated", "isolated", false, true, 9, 500},
                                {"host_isolated", "isolated", true, false, 3, 250},
                                {"both_isolated", "isolated", true, true, 3, 250}};

class Kill : public testing::TestWithParam<Victim> {
 protected:
  Kill()
      : rounds_(size(GetParam().kills_in_slice, GetParam().kills)),
        scene_({.plugins = k_plugins,
                .environment = {{"FORECOURT_ACCESS_LOG", "off"}},
                .mode = GetParam().mode,
                .may_crash = GetParam().plugin}),
        log_path_(folder_.path() / "acknowledged"),
        log_(log_path_) {}

  e2e::WeChat::Callback payment(int64_t number) const {
    const std::string n = std::to_string(number);
    return scene_.wechat.payment("EV-K" + n, {"43000" + n, "order-k" + n, openid(number), 700});
  }
  static std::string openid(int64_t number) {
    return "openid-k" + std::to_string(number % k_members);
  }

  /// Payments and racing redemptions, and a kill in their midst.
  void round(int64_t number, int acknowledged_first) {
    std::atomic<int> acknowledged{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] { send_payments(acknowledged, stop); });
      threads.emplace_back([&, t] { send_redemptions(number, t, acknowledged); });
    }
    EXPECT_TRUE(e2e::eventually([&] { return acknowledged >= acknowledged_first; }))
        << scene_.host.output();
    strike(number);
    stop = true;
    for (std::thread& thread : threads) thread.join();
  }

  void strike(int64_t number) {
    if (!GetParam().plugin) return scene_.host.kill();
    const auto turn = static_cast<size_t>(number) % k_plugins.size();
    const PluginProcess process(scene_.host, k_plugins[turn]);
    // The host first in one half of the cases: the process ends with it, if it has not by then.
    if (GetParam().host && number % 2 == 0) return scene_.host.kill();
    process.kill();
    if (GetParam().host) return scene_.host.kill();
    process.expect_replaced();
    ++killed_[k_plugins[turn]];
  }

  void expect_plugins_crashed_of_kills_alone();
  void expect_refused_not_done();
  void expect_acknowledged_true();
  void expect_every_payment_credited_once();

  const int64_t rounds_;
  Scene scene_;
  e2e::TempFolder folder_;
  const std::filesystem::path log_path_;
  AckLog log_;
  std::vector<std::string> codes_;
  std::map<std::string, int64_t> killed_;  ///< since the host was started
  std::atomic<int64_t> next_payment_{0};
  std::atomic<int64_t> unknown_{0};
  std::atomic<int64_t> refused_{0};

 private:
  /// Of an answer that is no success: true when the outcome is unknown. Any other 503 says that
  /// nothing was done, and is held to that.
  bool unknown(const Answer& answer, const std::string& what, const std::string& number) {
    EXPECT_EQ(answer.status, 503) << "a false answer: " << answer.body;
    if (answer.body.find("outcome-unknown") != std::string::npos) {
      ++unknown_;
      return true;
    }
    ++refused_;
    log_.add({"refused " + what, number});
    return false;
  }

  void send_payments(std::atomic<int>& acknowledged, const std::atomic<bool>& stop) {
    HttpClient client = scene_.host.client("");
    while (!stop) {
      const int64_t number = next_payment_++;
      const auto call = payment(number);
      const Answer answer = client.post(scene_.notify_path(), call.body, call.headers);
      if (answer.status == 0) return;  // the host is gone
      if (answer.status / 100 != 2) {
        unknown(answer, "payment", "43000" + std::to_string(number));
        continue;
      }
      log_.add({"payment", std::to_string(number)});
      ++acknowledged;
    }
  }
  /// All threads of a round want the same codes, each under a request number of its own.
  void send_redemptions(int64_t number, int thread, std::atomic<int>& acknowledged) {
    HttpClient client = scene_.host.client();
    for (int64_t i = number * k_codes_a_round; i < (number + 1) * k_codes_a_round; ++i) {
      const std::string& code = codes_[static_cast<size_t>(i)];
      const std::string request = code + "-" + std::to_string(thread);
      // Repeated as a till would that does not know.
      Answer answer;
      do {
        answer =
            client.post(redeem_path(code), redeem_body(request), {{"Idempotency-Key", request}});
        if (answer.status == 0) return;
      } while (answer.status / 100 == 5 && unknown(answer, "redemption", request));
      if (answer.status != 200) continue;
      log_.add({"redeemed", code, request, answer.body});
      ++acknowledged;
    }
  }
};

/// None is quarantined, and none died of anything else.
void Kill::expect_plugins_crashed_of_kills_alone() {
  for (const auto& [plugin, kills] : killed_)
    EXPECT_EQ(crashes_of(scene_.host, plugin), kills) << plugin;
}

/// What was refused as not done is not in the stores.
void Kill::expect_refused_not_done() {
  std::string requests = "''";
  std::string transactions = "''";
  for (const auto& line : AckLog::read(log_path_)) {
    if (line[0] == "refused redemption") requests += ",'" + line[1] + "'";
    if (line[0] == "refused payment") transactions += ",'" + line[1] + "'";
  }
  const auto stores = scene_.host.data() / "plugins";
  EXPECT_EQ(ask_file(stores / "coupons/store.db",
                     "SELECT count(*) FROM redemptions WHERE request_no IN (" + requests + ")"),
            0)
      << "redemptions were refused and happened";
  EXPECT_EQ(
      ask_file(stores / "payments/store.db",
               "SELECT count(*) FROM payments WHERE transaction_id IN (" + transactions + ")"),
      0)
      << "payments were refused and happened";
}

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
    if (line[0].rfind("refused", 0) == 0) return;
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

TEST_P(Kill, NothingAcknowledgedIsLostAndNothingHappensTwice) {
  codes_ = issue_codes(scene_, rounds_ * k_codes_a_round);
  std::mt19937 random(11);
  for (int64_t number = 0; number < rounds_; ++number) {
    if (!scene_.host.running()) scene_.host.start();
    ASSERT_NE(scene_.host.port(), 0) << scene_.host.output();
    round(number, 2 + static_cast<int>(random() % 40));
    if (HasFailure()) return;
  }
  if (scene_.host.running()) {
    expect_plugins_crashed_of_kills_alone();
    EXPECT_EQ(scene_.host.terminate(), 0);
  }
  expect_refused_not_done();
  scene_.host.start();
  ASSERT_NE(scene_.host.port(), 0) << scene_.host.output();
  expect_acknowledged_true();
  expect_every_payment_credited_once();
  report(grouped(rounds_) + " kills", grouped(std::ssize(AckLog::read(log_path_)) - refused_) +
                                          " acknowledgements held, " + grouped(unknown_) +
                                          " outcomes unknown, " + grouped(refused_) + " refused");
}

INSTANTIATE_TEST_SUITE_P(Of, Kill, testing::ValuesIn(k_victims),
                         [](const auto& victim) { return std::string(victim.param.name); });

}  // namespace
}  // namespace faults
