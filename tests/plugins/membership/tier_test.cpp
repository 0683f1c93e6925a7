#include "tier.hpp"

#include <gtest/gtest.h>

namespace membership {
namespace {

TEST(Tier, BelowEveryThresholdThereIsNone) {
  EXPECT_EQ(tier_of(9, {{"silver", 10}}), std::nullopt);
  EXPECT_EQ(tier_of(9, {}), std::nullopt);
}

TEST(Tier, IsTheHighestReachedInWhateverOrderTheyAreListed) {
  const std::vector<Tier> tiers{{"gold", 100}, {"standard", 0}, {"silver", 10}};
  EXPECT_EQ(tier_of(0, tiers), "standard");
  EXPECT_EQ(tier_of(9, tiers), "standard");
  EXPECT_EQ(tier_of(10, tiers), "silver");
  EXPECT_EQ(tier_of(INT64_MAX, tiers), "gold");
}

TEST(Tier, OfEqualThresholdsTheFirstCounts) { EXPECT_EQ(tier_of(5, {{"a", 5}, {"b", 5}}), "a"); }

}  // namespace
}  // namespace membership
