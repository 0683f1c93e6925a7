#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace forecourt::webhooks {

/// The waits before each attempt after the first, which is made at once (Standard Webhooks).
inline constexpr std::array<int64_t, 9> k_waits_ms = {
    5'000,          5 * 60'000,     30 * 60'000,    2 * 3'600'000,  5 * 3'600'000,
    10 * 3'600'000, 14 * 3'600'000, 20 * 3'600'000, 24 * 3'600'000,
};
inline constexpr int k_attempts_max = 1 + static_cast<int>(k_waits_ms.size());
/// No wait is longer, jitter and an endpoint's Retry-After included.
inline constexpr int64_t k_wait_max_ms = 27 * 3'600'000;

/// The wait after the `attempts`th attempt failed, up to a tenth longer so that deliveries that
/// failed together do not come back together (the same for the same id); nothing when the schedule
/// is used up. `retry_after_ms`: the endpoint's wish, which can only make it longer.
std::optional<int64_t> wait_after(int attempts, std::string_view id, int64_t retry_after_ms);

/// A Retry-After header in milliseconds, seconds or an HTTP date; 0 when it is neither.
int64_t retry_after_ms(std::string_view header, int64_t now_ms);

}  // namespace forecourt::webhooks
