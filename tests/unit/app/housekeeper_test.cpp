#include "app/housekeeper.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace forecourt::app {
namespace {

TEST(Housekeeper, DoesItsChoresAtOnceAndEndsWithThem) {
  std::promise<void> done;
  std::atomic<int> rounds{0};
  {
    Housekeeper housekeeper([&] {
      if (rounds++ == 0) done.set_value();
    });
    EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
  }
  const int after = rounds;
  EXPECT_GE(after, 1);
  EXPECT_EQ(rounds, after) << "nothing runs once it is gone";
}

}  // namespace
}  // namespace forecourt::app
