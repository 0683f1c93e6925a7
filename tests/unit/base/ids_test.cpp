#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace forecourt {
namespace {

TEST(Ids, HaveThePrefixAndTwentySixCharacters) {
  const std::string id = new_id("mem", 1'700'000'000'000);
  EXPECT_EQ(id.substr(0, 4), "mem_");
  EXPECT_EQ(id.size(), 30u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz", 4), std::string::npos) << id;
}

TEST(Ids, SortInTheOrderTheyWereMade) {
  std::string last;
  std::set<std::string> all;
  for (int i = 0; i < 5000; ++i) {
    const std::string id = new_id("x", 1'700'000'000'000 + i / 1000);
    EXPECT_LT(last, id);
    all.insert(id);
    last = id;
  }
  EXPECT_EQ(all.size(), 5000u);
}

TEST(Ids, WriteANumberMostSignificantFirst) {
  std::array<uint8_t, 16> number{};
  EXPECT_EQ(crockford_base32(number), std::string(26, '0'));
  number[15] = 31;
  EXPECT_EQ(crockford_base32(number), std::string(25, '0') + "z");
  number.fill(0xFF);
  EXPECT_EQ(crockford_base32(number), "7" + std::string(25, 'z'));
}

}  // namespace
}  // namespace forecourt
