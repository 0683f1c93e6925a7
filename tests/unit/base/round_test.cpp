#include "base/round.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace forecourt {
namespace {

class Counted final : public RoundEnd {
 public:
  void round_ended() noexcept override {
    ++times;
    left_again = Round::leave(*this);
  }
  int times = 0;
  bool left_again = true;
};

TEST(Round, WithoutOneNothingIsLeft) {
  const auto what = std::make_shared<Counted>();
  EXPECT_FALSE(Round::leave(*what));
  const Round round;
  std::thread other([&] { EXPECT_FALSE(Round::leave(*what)); });
  other.join();
}

TEST(Round, WhatNobodyOwnsIsNotLeft) {
  Counted what;
  const Round round;
  EXPECT_FALSE(Round::leave(what));
}

TEST(Round, WhatIsLeftIsDoneOnceAtItsEnd) {
  const auto what = std::make_shared<Counted>();
  {
    const Round round;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(Round::leave(*what));
    EXPECT_EQ(what->times, 0);
  }
  EXPECT_EQ(what->times, 1);
  EXPECT_FALSE(what->left_again) << "nobody would end it";
  EXPECT_FALSE(Round::leave(*what));
}

TEST(Round, OneWithinAnotherIsPartOfIt) {
  const auto what = std::make_shared<Counted>();
  {
    const Round outer;
    {
      const Round inner;
      EXPECT_TRUE(Round::leave(*what));
    }
    EXPECT_EQ(what->times, 0);
  }
  EXPECT_EQ(what->times, 1);
}

TEST(Round, WhatIsLeftLivesUntilItsEnd) {
  std::weak_ptr<Counted> seen;
  {
    const Round round;
    auto what = std::make_shared<Counted>();
    seen = what;
    EXPECT_TRUE(Round::leave(*what));
    what.reset();
    EXPECT_FALSE(seen.expired());
  }
  EXPECT_TRUE(seen.expired());
}

TEST(Round, WhatFindsNoRoomIsNotLeft) {
  std::vector<std::shared_ptr<Counted>> many(100);
  size_t left = 0;
  {
    const Round round;
    for (auto& what : many) {
      what = std::make_shared<Counted>();
      if (Round::leave(*what)) ++left;
    }
    EXPECT_GT(left, 0u);
    EXPECT_LT(left, many.size());
  }
  for (const auto& what : many) left -= static_cast<size_t>(what->times);
  EXPECT_EQ(left, 0u);
}

TEST(Round, OneThatStaysIsEndedWhenThereIsSomethingToEnd) {
  const auto what = std::make_shared<Counted>();
  int planned = 0;
  Round round([&planned](Round&) { ++planned; });
  for (int i = 1; i <= 3; ++i) {
    EXPECT_TRUE(Round::leave(*what));
    EXPECT_TRUE(Round::leave(*what));
    EXPECT_EQ(planned, i);
    round.end();
    EXPECT_EQ(what->times, i);
  }
}

}  // namespace
}  // namespace forecourt
