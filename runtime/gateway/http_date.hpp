#pragma once

#include <cstdint>
#include <string>

namespace forecourt::gateway {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(int64_t seconds);

}  // namespace forecourt::gateway
