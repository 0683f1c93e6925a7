// Payment callbacks replayed, reordered, forged and clock-skewed: each payment is credited once.

#include <algorithm>
#include <atomic>
#include <ctime>
#include <map>
#include <random>

#include "faults/support/codes.hpp"
#include "faults/support/modes.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;
using e2e::Scene;
using e2e::WeChat;

constexpr int64_t k_sends_a_payment = 20;
constexpr int64_t k_payments_a_member = 20;

class Callbacks : public InBothModes {
 protected:
  struct Send {
    size_t call;  ///< in calls_
    bool genuine;
  };

  Callbacks()
      : payments_(size(400, 100'000) / k_sends_a_payment),
        scene_({.plugins = {"payments", "membership", "coupons"},
                .environment = {{"FORECOURT_ACCESS_LOG", "off"}},
                .mode = GetParam()}),
        calls_(static_cast<size_t>(payments_) * k_kinds) {}

  static std::string openid(int64_t payment) {
    return "openid-c" + std::to_string(payment / k_payments_a_member);
  }

  /// Under two event ids, for the channel may notify twice; the rest must be refused.
  void sign(int64_t payment) {
    const std::string n = std::to_string(payment);
    const std::string resource =
        WeChat::payment_resource({"44000" + n, "order-c" + n, openid(payment), 300});
    const auto now = static_cast<int64_t>(std::time(nullptr));
    const auto called = [&](const char* event, int64_t at) {
      return scene_.wechat.callback("EV-C" + n + event, "TRANSACTION.SUCCESS", resource, at);
    };
    WeChat::Callback* to = &calls_[static_cast<size_t>(payment) * k_kinds];
    to[genuine] = called("a", now);
    to[second_event] = called("b", now);
    to[changed_body] = to[genuine];
    to[changed_body].body[to[changed_body].body.size() * 2 / 3] ^= 1;
    to[other_signature] = to[genuine];
    to[other_signature].headers = to[second_event].headers;
    to[too_old] = called("a", now - 3'600);
    to[from_the_future] = called("a", now + 3'600);
  }

  std::vector<Send> shuffled_sends() {
    constexpr int k_times[k_kinds] = {10, 4, 2, 2, 1, 1};
    std::vector<Send> sends;
    for (size_t call = 0; call < calls_.size(); ++call) {
      const size_t kind = call % k_kinds;
      for (int i = 0; i < k_times[kind]; ++i) sends.push_back({call, kind <= second_event});
    }
    std::shuffle(sends.begin(), sends.end(), std::mt19937(5));
    return sends;
  }

  void expect_credited_once() {
    std::map<std::string, int64_t> expected;
    for (int64_t payment = 0; payment < payments_; ++payment) expected[openid(payment)] += 3;
    HttpClient admin = scene_.host.client();
    for (const auto& [who, points] : expected) {
      Balance balance;
      const int64_t due = points;
      EXPECT_TRUE(e2e::eventually([&, name = who] {
        balance = balance_of(admin, name);
        return balance.points >= due;
      })) << who;
      EXPECT_EQ(balance.points, points) << who;
      EXPECT_EQ(balance.ledger_sum, points) << who;
    }
  }

  enum Kind : size_t {
    genuine,
    second_event,
    changed_body,
    other_signature,
    too_old,
    from_the_future,
    k_kinds
  };
  const int64_t payments_;
  Scene scene_;
  std::vector<WeChat::Callback> calls_;
};

TEST_P(Callbacks, CreditEachPaymentOnce) {
  in_parallel(payments_, 2, [this](int64_t payment) { sign(payment); });
  const std::vector<Send> sends = shuffled_sends();
  std::atomic<int64_t> refused{0};
  in_parallel(scene_, "", std::ssize(sends), 16, [&](HttpClient& client, int64_t i) {
    const Send& send = sends[static_cast<size_t>(i)];
    const WeChat::Callback& call = calls_[send.call];
    const Answer answer = client.post(scene_.notify_path(), call.body, call.headers);
    if (send.genuine) {
      EXPECT_EQ(answer.status / 100, 2) << answer.body;
      return;
    }
    EXPECT_EQ(answer.status / 100, 4) << "a forged callback was taken: " << answer.body;
    ++refused;
  });
  expect_credited_once();
  report(grouped(std::ssize(sends)) + " callbacks of " + grouped(payments_) + " payments",
         grouped(refused) + " forged or skewed, all refused");
}

FAULTS_IN_BOTH_MODES(Callbacks);

}  // namespace
}  // namespace faults
