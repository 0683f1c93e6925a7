#include "terms.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace coupons {
namespace {

__extension__ typedef __int128 Wide;

TEST(Discount, NormalNeverExceedsTheOrder) {
  const Terms terms{"NORMAL", 0, 1000, {}};
  EXPECT_EQ(discount_of(terms, 0), 0);
  EXPECT_EQ(discount_of(terms, 999), 999);
  EXPECT_EQ(discount_of(terms, 1000), 1000);
  EXPECT_EQ(discount_of(terms, INT64_MAX), 1000);
}

TEST(Discount, PercentOffIsRoundedDownToTheFen) {
  const Terms terms{"DISCOUNT", 0, {}, 20};
  EXPECT_EQ(discount_of(terms, 4), 0);
  EXPECT_EQ(discount_of(terms, 5), 1);
  EXPECT_EQ(discount_of(terms, 9999), 1999);
  EXPECT_EQ(discount_of(terms, 10000), 2000);
}

TEST(Discount, PercentOffOfTheLargestOrderDoesNotOverflow) {
  EXPECT_EQ(discount_of({"DISCOUNT", 0, {}, 100}, INT64_MAX), INT64_MAX);
  EXPECT_EQ(discount_of({"DISCOUNT", 0, {}, 1}, INT64_MAX), INT64_MAX / 100);
}

TEST(Discount, ExchangeCoversTheOrderUpToItsAmount) {
  EXPECT_EQ(discount_of({"EXCHANGE", 0, {}, {}}, 12345), 12345);
  EXPECT_EQ(discount_of({"EXCHANGE", 0, 10000, {}}, 12345), 10000);
}

TEST(Discount, IsTheExactFloorForAnyOrder) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 100'000; ++i) {
    const auto order = static_cast<int64_t>(random() >> (1 + random() % 62));
    const auto percent = static_cast<int64_t>(1 + random() % 100);
    const auto exact = static_cast<int64_t>(static_cast<Wide>(order) * percent / 100);
    ASSERT_EQ(discount_of({"DISCOUNT", 0, {}, percent}, order), exact) << order << " " << percent;
  }
}

TEST(Validity, DaysCountFromReceipt) {
  EXPECT_EQ(valid_until({.from_ms = 0, .until_ms = {}, .days = 2}, 1000), 1000 + 2 * 86'400'000);
}

TEST(Validity, ADateIsTheSameForEveryReceipt) {
  EXPECT_EQ(valid_until({.from_ms = 0, .until_ms = 77, .days = {}}, 1000), 77);
}

TEST(State, AnUnusedCouponExpiresAtItsEndAndAUsedOneNever) {
  EXPECT_EQ(state_at(99, "EFFECTIVE", 100), "EFFECTIVE");
  EXPECT_EQ(state_at(100, "EFFECTIVE", 100), "EXPIRED");
  EXPECT_EQ(state_at(100, "USED", 100), "USED");
}

}  // namespace
}  // namespace coupons
