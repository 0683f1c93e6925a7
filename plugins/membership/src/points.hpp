#pragma once

#include <cstdint>
#include <optional>

namespace membership {

/// Points for a payment: floor(amount_fen * points_per_yuan / 100). Nothing when that does not fit,
/// or the amount is negative.
std::optional<int64_t> points_for(int64_t amount_fen, int64_t points_per_yuan);

}  // namespace membership
