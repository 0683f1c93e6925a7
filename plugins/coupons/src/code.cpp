#include "code.hpp"

namespace coupons {

std::string code_of(std::span<const uint8_t, k_code_bytes> random) {
  static constexpr char k_digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string code;
  code.reserve(k_code_bytes * 8 / 5);
  uint32_t bits = 0;
  int count = 0;
  for (const uint8_t byte : random) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) code += k_digits[(bits >> (count - 5)) & 31];
  }
  return code;
}

}  // namespace coupons
