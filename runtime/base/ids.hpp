#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace forecourt {

/// Fills `bytes` from the kernel's random source; blocks only before the machine's first entropy.
void fill_random(std::span<uint8_t> bytes);

/// "<prefix>_" and 26 characters (Crockford base32, lower case) of a UUIDv7: ids made later sort
/// after earlier ones, within one process even in the same millisecond. Thread-safe.
std::string new_id(std::string_view prefix, int64_t now_ms);

/// The 26 characters of a 128-bit number, most significant first.
std::string crockford_base32(const std::array<uint8_t, 16>& number);

}  // namespace forecourt
