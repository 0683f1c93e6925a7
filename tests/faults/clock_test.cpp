// The wall clock jumps ten years either way and runs sixty times too fast, and the host stands
// still for seconds: nothing expires early, nothing is credited twice, and the truth is the same
// when the clock is right again.

#include <signal.h>

#include <chrono>
#include <ctime>
#include <thread>

#include "faults/support/codes.hpp"
#include "faults/support/faulty_host.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;

constexpr int64_t k_ten_years_s = 3'652 * 86'400ll;

class WallClock : public testing::Test {
 protected:
  void turn(int64_t seconds) {
    off_s_ = seconds;
    EXPECT_EQ(faulty_.order("wall " + std::to_string(seconds)), "done");
  }
  Answer redeem(const std::string& code, const std::string& request) {
    HttpClient client = faulty_.host().client();
    return client.post(redeem_path(code), redeem_body(request));
  }
  void expect_refused(const std::string& code, const std::string& why) {
    const Answer answer = redeem(code, code + "-early");
    EXPECT_EQ(answer.status, 409) << answer.body;
    EXPECT_NE(answer.body.find(why), std::string::npos) << answer.body;
  }
  /// One payment, signed at what the host takes for now.
  Answer pay(const std::string& number) {
    const std::string resource =
        e2e::WeChat::payment_resource({"46000" + number, "order-w" + number, "openid-w", 500});
    const auto call =
        faulty_.scene.wechat.callback("EV-W" + number, "TRANSACTION.SUCCESS", resource,
                                      static_cast<int64_t>(std::time(nullptr)) + off_s_);
    HttpClient channel = faulty_.host().client("");
    return channel.post(faulty_.scene.notify_path(), call.body, call.headers);
  }
  void expect_points(int64_t points) {
    HttpClient client = faulty_.host().client();
    Balance balance;
    EXPECT_TRUE(e2e::eventually([&] {
      balance = balance_of(client, "openid-w");
      return balance.points >= points;
    }));
    EXPECT_EQ(balance.points, points);
    EXPECT_EQ(balance.ledger_sum, points);
  }

  FaultyScene faulty_;
  int64_t off_s_ = 0;
};

TEST_F(WallClock, TenYearsEitherWayChangeNoTruth) {
  const auto codes = issue_codes(faulty_.scene, 3);
  const std::string& used = codes[0];
  const std::string& later = codes[1];
  const Answer first = redeem(used, "clock-1");
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(pay("1").status / 100, 2);
  int64_t points = 5;
  expect_points(points);

  const int64_t jumps = size(1, 20);
  for (int64_t jump = 0; jump < jumps; ++jump) {
    turn(k_ten_years_s);
    expect_refused(later, "coupon-expired");
    EXPECT_EQ(redeem(used, "clock-1").body, first.body);
    EXPECT_EQ(pay("1").status / 100, 2) << "a replay, signed in that future";
    EXPECT_EQ(pay("f" + std::to_string(jump)).status / 100, 2);
    expect_points(points += 5);

    turn(-k_ten_years_s);
    expect_refused(later, "coupon-not-yet-valid");
    EXPECT_EQ(redeem(used, "clock-1").body, first.body);
    EXPECT_EQ(pay("1").status / 100, 2);
    EXPECT_EQ(pay("p" + std::to_string(jump)).status / 100, 2);
    expect_points(points += 5);

    turn(0);
    EXPECT_EQ(redeem(used, "clock-1").body, first.body);
    EXPECT_EQ(redeem(used, "clock-2").status, 409) << "redeemed twice";
    EXPECT_EQ(pay("f" + std::to_string(jump)).status / 100, 2);
  }
  EXPECT_EQ(redeem(later, "clock-3").status, 200) << "it expired early";
  expect_points(points);
  report(grouped(2 * jumps) + " jumps of ten years");
}

TEST_F(WallClock, SixtyTimesTooFastChangesNoTruth) {
  const int64_t steps = size(40, 600);
  const auto codes = issue_codes(faulty_.scene, steps);
  for (int64_t step = 0; step < steps; ++step) {
    turn(step * 3);  // three seconds every twentieth of one
    const std::string& code = codes[static_cast<size_t>(step)];
    const Answer taken = redeem(code, code + "-1");
    EXPECT_EQ(taken.status, 200) << taken.body;
    EXPECT_EQ(redeem(code, code + "-1").body, taken.body);
    EXPECT_EQ(pay(std::to_string(step / 2)).status / 100, 2);
    std::this_thread::sleep_for(std::chrono::milliseconds(full_size() ? 50 : 5));
  }
  expect_points((steps + 1) / 2 * 5);
  report(grouped(steps * 3) + " s of wall time");
}

TEST_F(WallClock, AHostThatStoodStillGoesOnAsBefore) {
  const int64_t stalls = size(1, 20);
  const auto codes = issue_codes(faulty_.scene, stalls);
  for (int64_t stall = 0; stall < stalls; ++stall) {
    const std::string& code = codes[static_cast<size_t>(stall)];
    Answer taken;
    std::thread till([&] { taken = redeem(code, code + "-1"); });
    ::kill(faulty_.host().pid(), SIGSTOP);
    std::this_thread::sleep_for(std::chrono::milliseconds(size(200, 6'000)));
    ::kill(faulty_.host().pid(), SIGCONT);
    till.join();
    const Answer again = redeem(code, code + "-1");
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_TRUE(taken.status >= 500 || taken.body == again.body) << taken.status << taken.body;
    EXPECT_EQ(redeem(code, code + "-2").status, 409) << "redeemed twice";
  }
  report(grouped(stalls) + " stalls");
}

}  // namespace
}  // namespace faults
