#include "base/ids.hpp"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>
#include <mutex>

namespace forecourt {
namespace {

constexpr char k_alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

/// The 60 bits that order ids: milliseconds, then a count within the millisecond. A clock that
/// stands still or goes back does not make an id that sorts before one already given.
uint64_t next_tick(int64_t now_ms) {
  static std::mutex mutex;
  static uint64_t last = 0;  // guarded by mutex
  const uint64_t wanted = static_cast<uint64_t>(now_ms) << 12;
  std::lock_guard lock(mutex);
  // Counting on is right while the clock is within a second of the last id; a jump further back
  // follows the clock.
  constexpr uint64_t k_second = uint64_t{1000} << 12;
  if (wanted > last || last - wanted > k_second) {
    last = wanted;
  } else {
    ++last;
  }
  return last;
}

}  // namespace

void fill_random(std::span<uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t n = getrandom(bytes.data(), bytes.size(), 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      std::abort();  // no randomness: nothing this process could do would be safe
    }
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
}

std::string new_id(std::string_view prefix, int64_t now_ms) {
  std::array<uint8_t, 16> uuid;
  fill_random(uuid);
  const uint64_t tick = next_tick(now_ms);
  const uint64_t millis = tick >> 12;
  for (int i = 0; i < 6; ++i) uuid[i] = static_cast<uint8_t>(millis >> (40 - 8 * i));
  uuid[6] = static_cast<uint8_t>(0x70 | ((tick >> 8) & 0x0F));
  uuid[7] = static_cast<uint8_t>(tick);
  uuid[8] = static_cast<uint8_t>(0x80 | (uuid[8] & 0x3F));
  return std::string(prefix) + '_' + crockford_base32(uuid);
}

std::string crockford_base32(const std::array<uint8_t, 16>& number) {
  // 26 characters hold 130 bits: two zero bits stand in front.
  std::string text(26, '0');
  uint32_t carried = 0;
  int bits = 0;
  size_t at = 26;
  for (size_t i = 16; i-- > 0;) {
    carried |= static_cast<uint32_t>(number[i]) << bits;
    bits += 8;
    while (bits >= 5) {
      text[--at] = k_alphabet[carried & 31];
      carried >>= 5;
      bits -= 5;
    }
  }
  text[--at] = k_alphabet[carried & 31];
  return text;
}

}  // namespace forecourt
