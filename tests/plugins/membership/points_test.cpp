#include "points.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace membership {
namespace {

TEST(Points, NegativeAmountsAndOverflowGiveNothing) {
  EXPECT_EQ(points_for(-1, 1), std::nullopt);
  EXPECT_EQ(points_for(100, -1), std::nullopt);
  EXPECT_EQ(points_for(INT64_MAX, 101), std::nullopt);
  EXPECT_EQ(points_for(99, INT64_MAX), std::nullopt);
}

TEST(Points, PartsOfAPointAreDropped) {
  EXPECT_EQ(points_for(0, 1), 0);
  EXPECT_EQ(points_for(99, 1), 0);
  EXPECT_EQ(points_for(100, 1), 1);
  EXPECT_EQ(points_for(199, 1), 1);
  EXPECT_EQ(points_for(199, 2), 3);
  EXPECT_EQ(points_for(99, 0), 0);
}

TEST(Points, TheLargestAmountFits) {
  EXPECT_EQ(points_for(INT64_MAX, 1), INT64_MAX / 100);
  EXPECT_EQ(points_for(INT64_MAX, 100), INT64_MAX);
}

}  // namespace
}  // namespace membership
