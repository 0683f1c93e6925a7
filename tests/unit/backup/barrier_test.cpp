#include "backup/barrier.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace forecourt::backup {
namespace {

using std::chrono::milliseconds;

TEST(Barrier, NamesWhoDidNotComeInTime) {
  Barrier barrier({"coupons", "payments"}, milliseconds(20));
  const auto met = barrier.meet(0);
  ASSERT_FALSE(met.ok());
  EXPECT_EQ(met.error().code, Code::cancelled);
  EXPECT_NE(met.error().message.find("payments went on"), std::string::npos) << met.error().message;
  // Who comes late is let through at once.
  EXPECT_FALSE(barrier.meet(1).ok());
  EXPECT_FALSE(barrier.wait(1).ok());
}

TEST(Barrier, AFailureEndsTheWaitOfAll) {
  Barrier barrier({"a", "b"}, milliseconds(60'000));
  std::thread other([&] { barrier.fail({Code::unavailable, "b stops"}); });
  EXPECT_EQ(barrier.meet(0).error().message, "b stops");
  EXPECT_EQ(barrier.wait(2).error().message, "b stops");
  other.join();
}

TEST(Barrier, TheTimeCountsOverAllRounds) {
  Barrier barrier({"a", "b"}, milliseconds(50));
  std::thread other([&] { EXPECT_TRUE(barrier.meet(1).ok()); });
  EXPECT_TRUE(barrier.meet(0).ok());
  other.join();
  EXPECT_FALSE(barrier.meet(0).ok()) << "b never came to the second round";
}

TEST(Barrier, LetsAllThroughTogether) {
  Barrier barrier({"a", "b", "c"}, milliseconds(20'000));
  std::vector<std::thread> parties;
  for (size_t i = 0; i < 3; ++i) {
    parties.emplace_back([&barrier, i] {
      EXPECT_TRUE(barrier.meet(i).ok());
      EXPECT_TRUE(barrier.meet(i).ok());
    });
  }
  EXPECT_TRUE(barrier.wait(2).ok());
  for (std::thread& party : parties) party.join();
}

}  // namespace
}  // namespace forecourt::backup
