#include "stream/position.hpp"

#include <gtest/gtest.h>

#include <random>
#include <span>

#include "org/credential.hpp"

namespace forecourt::stream {
namespace {

std::string encoded(std::string_view text) {
  return org::base64url({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

TEST(PositionToken, IsRefusedUnlessItIsOneOfOurs) {
  for (const std::string& token : {std::string(),
                                   std::string("x"),
                                   std::string("42"),
                                   encoded("2;"),
                                   encoded("1"),
                                   encoded("1;payments"),
                                   encoded("1;payments:e:"),
                                   encoded("1;payments:e:;"),
                                   encoded("1;payments:e:1"),
                                   encoded("1;payments:e:-1;"),
                                   encoded("1;payments:e:01;"),
                                   encoded("1;payments:e:9223372036854775808;"),
                                   encoded("1;payments:e:1x;"),
                                   encoded("1;Payments:e:1;"),
                                   encoded("1;payments::1;"),
                                   encoded("1;:e:1;"),
                                   encoded("1;payments:e:1;coupons:e:1;"),
                                   encoded("1;a:e:1;a:e:1;"),
                                   encoded("1;a:e:1;\nid: x"),
                                   encoded("1;") + "=",
                                   encoded("1;a:e:1;") + "A",
                                   std::string(k_token_bytes_max + 1, 'A'),
                                   std::string("MTs\r")}) {
    EXPECT_FALSE(from_token(token).ok()) << token;
  }
}

TEST(PositionToken, WithMorePublishersThanAHostHasIsRefused) {
  Position position;
  for (size_t i = 0; i <= k_publishers_max; ++i) position["p" + std::to_string(i)] = {"e", 1};
  EXPECT_FALSE(from_token(to_token(position)).ok());
}

TEST(PositionToken, ComesBackAsThePositionItWasMadeOf) {
  for (const Position& position :
       {Position{}, Position{{"payments", {"7f3a", 0}}},
        Position{{"coupons", {"e1", 7}}, {"payments", {"e2", INT64_MAX}}}}) {
    const auto back = from_token(to_token(position));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(to_token(*back), to_token(position));
    EXPECT_EQ(back->size(), position.size());
  }
}

// What is taken is a token of a position, the same text: nothing else gets through.
TEST(PositionToken, NoneOfManyMutationsIsTakenForAnotherText) {
  const std::string good = to_token({{"coupons", {"e1", 7}}, {"payments", {"e2", 12345}}});
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string token = good;
    const int edits = 1 + static_cast<int>(random() % 3);
    for (int edit = 0; edit < edits; ++edit) {
      const size_t at = random() % token.size();
      switch (random() % 3) {
        case 0: token[at] = static_cast<char>(random() % 256); break;
        case 1: token.erase(at, 1); break;
        default: token.insert(at, 1, "ABCabc019-_"[random() % 11]);
      }
      if (token.empty()) break;
    }
    const auto position = from_token(token);
    if (position) EXPECT_EQ(to_token(*position), token);
  }
}

}  // namespace
}  // namespace forecourt::stream
