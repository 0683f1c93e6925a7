#include "code.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>

namespace coupons {
namespace {

using Bytes = std::array<uint8_t, k_code_bytes>;

TEST(Code, HasSixteenCharactersThatCannotBeMistaken) {
  Bytes bytes{};
  for (int value = 0; value < 256; ++value) {
    bytes.fill(static_cast<uint8_t>(value));
    const std::string code = code_of(bytes);
    EXPECT_EQ(code.size(), 16u);
    EXPECT_EQ(code.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ"), std::string::npos)
        << code;
  }
}

TEST(Code, EveryBitOfTheRandomnessCounts) {
  std::set<std::string> codes{code_of(Bytes{})};
  for (size_t bit = 0; bit < k_code_bytes * 8; ++bit) {
    Bytes bytes{};
    bytes[bit / 8] = static_cast<uint8_t>(1u << (bit % 8));
    EXPECT_TRUE(codes.insert(code_of(bytes)).second) << bit;
  }
}

}  // namespace
}  // namespace coupons
