#include "gateway/trace.hpp"

#include <cstring>

#include "base/ids.hpp"

namespace forecourt::gateway {
namespace {

bool lower_hex(std::string_view text) {
  for (const char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

/// "00-<trace id>-<parent id>-<flags>"; a later version may have more behind it.
bool is_traceparent(std::string_view text) {
  if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  if (text.starts_with("ff") || (text.size() > 55 && (text.starts_with("00") || text[55] != '-')))
    return false;
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  return lower_hex(text.substr(0, 2)) && lower_hex(trace) && lower_hex(parent) &&
         lower_hex(text.substr(53, 2)) && trace.find_first_not_of('0') != std::string_view::npos &&
         parent.find_first_not_of('0') != std::string_view::npos;
}

uint64_t rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }

}  // namespace

Traces::Traces() {
  uint8_t seed[sizeof state_];
  fill_random(seed);
  std::memcpy(state_, seed, sizeof state_);
  state_[0] |= 1;  // never all zero
}

uint64_t Traces::next() {
  const uint64_t a = state_[0];
  uint64_t b = state_[1];
  const uint64_t result = a + b;
  b ^= a;
  state_[0] = rotate(a, 24) ^ b ^ b << 16;
  state_[1] = rotate(b, 37);
  return result;
}

bool Traces::is_sampled(std::string_view traceparent) {
  if (!is_traceparent(traceparent)) return true;
  const char low = traceparent[54];  // of the flags
  return ((low <= '9' ? low - '0' : low - 'a' + 10) & 1) != 0;
}

std::string Traces::id_of(std::string_view traceparent) {
  if (is_traceparent(traceparent)) return std::string(traceparent.substr(3, 32));
  constexpr char k_digits[] = "0123456789abcdef";
  std::string id(32, '0');
  for (size_t half = 0; half < 2; ++half) {
    uint64_t bits = next();
    for (size_t i = 0; i < 16; ++i, bits >>= 4) id[half * 16 + i] = k_digits[bits & 15];
  }
  return id;
}

}  // namespace forecourt::gateway
