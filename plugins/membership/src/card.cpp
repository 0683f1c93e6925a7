#include "card.hpp"

namespace membership {
namespace {

/// Luhn's sum of the digits, the last one undoubled.
int luhn_sum(const std::string& digits) {
  int sum = 0;
  bool twice = false;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, twice = !twice) {
    const int value = (*digit - '0') * (twice ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum;
}

}  // namespace

std::string card_number(uint64_t random) {
  constexpr uint64_t k_space = 10'000'000'000'000;
  // The leading digit added keeps the zeros of a small number.
  std::string number = "88" + std::to_string(random % k_space + k_space).substr(1);
  const int sum = luhn_sum(number + "0");
  return number + static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool is_card_number(const std::string& number) {
  if (number.size() != 16 || number.find_first_not_of("0123456789") != std::string::npos)
    return false;
  return luhn_sum(number) % 10 == 0;
}

}  // namespace membership
