#include "webhooks/schedule.hpp"

#include <gtest/gtest.h>

#include <set>

namespace forecourt::webhooks {
namespace {

TEST(Schedule, EndsAfterTenAttempts) {
  EXPECT_FALSE(wait_after(0, "evt_1", 0));
  EXPECT_TRUE(wait_after(9, "evt_1", 0));
  EXPECT_FALSE(wait_after(10, "evt_1", 0));
  EXPECT_FALSE(wait_after(10, "evt_1", 1000)) << "an endpoint cannot ask for more attempts";
}

TEST(Schedule, WaitsAreThoseOfTheStandardAndUpToATenthLonger) {
  constexpr int64_t k_seconds[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};
  for (int attempts = 1; attempts <= 9; ++attempts) {
    const int64_t wait = *wait_after(attempts, "evt_1", 0);
    EXPECT_GE(wait, k_seconds[attempts - 1] * 1000);
    EXPECT_LE(wait, k_seconds[attempts - 1] * 1100);
  }
}

TEST(Schedule, DeliveriesThatFailedTogetherDoNotComeBackTogether) {
  std::set<int64_t> waits;
  for (int i = 0; i < 100; ++i) waits.insert(*wait_after(2, "evt_" + std::to_string(i), 0));
  EXPECT_GT(waits.size(), 60u);
  EXPECT_EQ(*wait_after(2, "evt_7", 0), *wait_after(2, "evt_7", 0));
}

TEST(Schedule, AnEndpointCanAskForMoreTimeWithinBounds) {
  EXPECT_EQ(*wait_after(1, "evt_1", 60'000), 60'000);
  EXPECT_LT(*wait_after(2, "evt_1", 60'000), 400'000) << "never for less";
  EXPECT_GE(*wait_after(2, "evt_1", 60'000), 300'000);
  EXPECT_EQ(*wait_after(1, "evt_1", INT64_MAX), k_wait_max_ms);
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(retry_after_ms("", 0), 0);
  EXPECT_EQ(retry_after_ms("soon", 0), 0);
  EXPECT_EQ(retry_after_ms("-5", 0), 0);
  EXPECT_EQ(retry_after_ms("120", 0), 120'000);
  EXPECT_EQ(retry_after_ms("99999999999", 0), k_wait_max_ms);
  EXPECT_EQ(retry_after_ms("Thu, 01 Jan 1970 00:02:00 GMT", 60'000), 60'000);
  EXPECT_EQ(retry_after_ms("Thu, 01 Jan 1970 00:02:00 GMT", 500'000), 0) << "past";
}

}  // namespace
}  // namespace forecourt::webhooks
