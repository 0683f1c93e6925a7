#include "points.hpp"

namespace membership {

std::optional<int64_t> points_for(int64_t amount_fen, int64_t points_per_yuan) {
  if (amount_fen < 0 || points_per_yuan < 0) return std::nullopt;
  int64_t whole = 0;
  if (__builtin_mul_overflow(amount_fen / 100, points_per_yuan, &whole)) return std::nullopt;
  int64_t part = 0;
  if (__builtin_mul_overflow(amount_fen % 100, points_per_yuan, &part)) return std::nullopt;
  int64_t points = 0;
  if (__builtin_add_overflow(whole, part / 100, &points)) return std::nullopt;
  return points;
}

}  // namespace membership
