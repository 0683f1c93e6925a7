#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace coupons {

inline constexpr size_t k_code_bytes = 10;

/// 16 characters of Crockford's base 32 (no I, L, O or U): 80 bits, so codes cannot be guessed and
/// can be read out.
std::string code_of(std::span<const uint8_t, k_code_bytes> random);

}  // namespace coupons
