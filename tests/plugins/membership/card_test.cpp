#include "card.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace membership {
namespace {

TEST(Card, OneWrongDigitIsNoticed) {
  const std::string number = card_number(1234567890123);
  for (size_t i = 0; i < number.size(); ++i) {
    for (char digit = '0'; digit <= '9'; ++digit) {
      std::string wrong = number;
      wrong[i] = digit;
      EXPECT_EQ(is_card_number(wrong), wrong == number) << wrong;
    }
  }
}

TEST(Card, OtherLengthsAndCharactersAreNone) {
  EXPECT_FALSE(is_card_number(""));
  EXPECT_FALSE(is_card_number("88"));
  EXPECT_FALSE(is_card_number("88000000000000O0"));
}

TEST(Card, EveryNumberHasSixteenDigitsAndItsCheckDigit) {
  std::mt19937_64 random(8);
  for (const uint64_t value :
       {uint64_t{0}, uint64_t{1}, UINT64_MAX, uint64_t{random()}, uint64_t{random()}}) {
    const std::string number = card_number(value);
    EXPECT_TRUE(is_card_number(number)) << number;
    EXPECT_EQ(number.substr(0, 2), "88");
  }
}

}  // namespace
}  // namespace membership
