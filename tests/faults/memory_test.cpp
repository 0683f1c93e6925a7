// Every nth allocation fails while a coupon is redeemed and while a payment comes in, up to the
// first run that makes fewer: no false answer and nothing damaged. The host may die of it; started
// again, it must still tell the truth.

#include "faults/support/size.hpp"
#include "faults/support/till.hpp"

namespace faults {
namespace {

class Memory : public testing::Test {
 protected:
  /// False when the request made fewer than `nth` allocations.
  bool run_without(int64_t nth, void (Till::*request)()) {
    SCOPED_TRACE("allocation " + std::to_string(nth));
    const int64_t before = faulty_.number("failures");
    EXPECT_EQ(faulty_.order("memory " + std::to_string(nth)), "done");
    (till_.*request)();
    const std::string failures = faulty_.order("failures");
    (void)faulty_.order("heal");
    const bool died = faulty_.revive();
    deaths_ += died ? 1 : 0;
    till_.expect_truth();
    ++runs_;
    return died || std::atoll(failures.c_str()) > before;
  }

  FaultyScene faulty_;
  Till till_{faulty_};
  int64_t runs_ = 0;
  int64_t deaths_ = 0;
};

TEST_F(Memory, RunningOutNeverMakesTheHostAnswerFalsely) {
  const int64_t step = size(41, 1);
  const int64_t nth_max = size(5 * step, 20'000);
  std::string allocations;
  for (const auto request : {&Till::redeem, &Till::pay}) {
    int64_t nth = 1;
    bool failed = true;
    while (failed && nth <= nth_max && !HasFailure()) {
      if (till_.left() == 0) till_.stock(size(20, 500));
      failed = run_without(nth, request);
      nth += step;
    }
    EXPECT_GT(nth, 1 + step) << "no allocation ever failed";
    if (full_size()) {
      EXPECT_FALSE(failed) << "not every allocation has failed";
    }
    allocations += (allocations.empty() ? "" : " and ") + grouped(nth - 2);
  }
  faulty_.host().kill();
  till_.expect_in_files(faulty_.host().data(), till_.told());
  report(grouped(runs_) + " requests",
         (full_size() ? "each of " + allocations + " allocations, " : std::string()) +
             "restarted " + grouped(deaths_) + " times");
}

}  // namespace
}  // namespace faults
