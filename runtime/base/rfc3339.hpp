#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace forecourt {

/// Milliseconds since the epoch of an RFC 3339 date-time with an offset
/// ("2030-01-31T08:00:00+08:00", "…T00:00:00.5Z"); nothing when it is not one. Digits beyond
/// milliseconds are cut off; a leap second is taken as the second after.
std::optional<int64_t> parse_rfc3339(std::string_view text);

/// "2030-01-31T00:00:00Z", with three decimals when the milliseconds are not zero.
std::string format_rfc3339(int64_t ms);

}  // namespace forecourt
