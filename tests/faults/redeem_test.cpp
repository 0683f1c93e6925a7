// Redemption attempts from 64 connections, many for one code at once, with answers that get lost:
// at most one success a code, and a repeat is answered byte for byte as before.

#include <atomic>
#include <mutex>
#include <random>

#include "faults/support/codes.hpp"
#include "faults/support/modes.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;
using e2e::Scene;

constexpr int64_t k_attempts_a_code = 10;
constexpr int64_t k_requests_a_code = 4;  ///< so each is sent two or three times

/// What is known of one code.
struct Coupon {
  std::mutex mutex;
  std::string winner;  ///< the request number that was answered 200
  std::string answer;
};

class Redeem : public InBothModes {
 protected:
  Redeem()
      : scene_({.plugins = {"payments", "coupons"},
                .environment = {{"FORECOURT_ACCESS_LOG", "off"}},
                .mode = GetParam()}),
        codes_(issue_codes(scene_, size(1'000, 1'000'000) / k_attempts_a_code)),
        coupons_(codes_.size()) {}

  void attempt(HttpClient& client, int64_t number) {
    // The attempts for one code are neighbours: they run at the same time.
    const auto which = static_cast<size_t>(number / k_attempts_a_code);
    const std::string& code = codes_[which];
    const std::string request = code + "-" + std::to_string(number % k_requests_a_code);
    const std::string body = redeem_body(request);
    e2e::Headers headers;
    if (which % 2 == 0) headers = {{"Idempotency-Key", request}};
    if (number % 11 == 3) {
      // The answer is lost: asked again, as a till would.
      client.send_and_hang_up("POST", redeem_path(code), body, headers);
      ++lost_;
    }
    judge(client.post(redeem_path(code), body, headers), request, coupons_[which]);
  }

  void judge(const Answer& answer, const std::string& request, Coupon& coupon) {
    std::lock_guard lock(coupon.mutex);
    if (answer.status == 200) {
      if (coupon.winner.empty()) {
        coupon.winner = request;
        coupon.answer = answer.body;
      }
      EXPECT_EQ(coupon.winner, request) << "redeemed twice";
      EXPECT_EQ(coupon.answer, answer.body) << "a repeat was answered in other words";
      return;
    }
    EXPECT_EQ(answer.status, 409) << answer.body;
    EXPECT_NE(coupon.winner, request) << "a success was later denied";
  }

  Scene scene_;
  std::vector<std::string> codes_;
  std::vector<Coupon> coupons_;
  std::atomic<int64_t> lost_{0};
};

TEST_P(Redeem, AtMostOneSuccessACodeAndRepeatsAreIdentical) {
  ASSERT_FALSE(HasFailure());
  const int64_t attempts = std::ssize(codes_) * k_attempts_a_code;
  in_parallel(scene_, e2e::k_admin_key, attempts, 64,
              [this](HttpClient& client, int64_t number) { attempt(client, number); });
  for (size_t i = 0; i < codes_.size(); ++i)
    EXPECT_FALSE(coupons_[i].winner.empty()) << codes_[i] << ": nobody could redeem it";
  report(grouped(attempts) + " attempts, 64 connections", grouped(lost_) + " answers lost");
}

FAULTS_IN_BOTH_MODES(Redeem);

}  // namespace
}  // namespace faults
