#include "isolation/known_callers.hpp"

#include <gtest/gtest.h>

namespace forecourt::isolation {
namespace {

TEST(KnownCallers, KnowWhoCalledWhomForWhomAndWhen) {
  KnownCallers callers;
  callers.note("hello", "key_1", "store-12", 5'500);
  EXPECT_FALSE(callers.knows("coupons", "key_1", "store-12", 5'500));
  EXPECT_FALSE(callers.knows("hello", "key_2", "store-12", 5'500));
  EXPECT_FALSE(callers.knows("hello", "key_1", "store-13", 5'500));
  EXPECT_FALSE(callers.knows("hello", "key_1", "store-12", 6'500));
  EXPECT_TRUE(callers.knows("hello", "key_1", "store-12", 5'500));
}

TEST(KnownCallers, ACallWithoutAnOrgMayHaveChosenOne) {
  KnownCallers callers;
  callers.note("payments", "public", "", 5'500);
  EXPECT_TRUE(callers.knows("payments", "public", "store-12", 5'500));
}

TEST(KnownCallers, ForgetWhatIsLongPast) {
  KnownCallers callers;
  callers.note("hello", "key_1", "store-12", 0);
  callers.note("hello", "key_1", "store-12", 600'000);
  EXPECT_TRUE(callers.knows("hello", "key_1", "store-12", 0));
  callers.note("hello", "key_1", "store-12", 601'000);
  EXPECT_FALSE(callers.knows("hello", "key_1", "store-12", 0));
  EXPECT_TRUE(callers.knows("hello", "key_1", "store-12", 600'000));
}

TEST(KnownCallers, OfManyTheOldestGoFirst) {
  KnownCallers callers;
  for (int i = 0; i < 60'000; ++i) callers.note("hello", std::to_string(i), "store-12", i);
  EXPECT_FALSE(callers.knows("hello", "0", "store-12", 0));
  EXPECT_TRUE(callers.knows("hello", "59999", "store-12", 59'999));
}

}  // namespace
}  // namespace forecourt::isolation
