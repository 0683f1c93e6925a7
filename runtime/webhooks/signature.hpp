#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::webhooks {

/// Standard Webhooks 1.0.0, symmetric signatures. A secret is "whsec_" and the base64 of 24 to 64
/// bytes; those bytes are the HMAC key.
std::string new_secret();
/// The bytes of a secret; Code::invalid when it is none.
Result<std::string> secret_bytes(std::string_view secret);

/// "v1,<base64 of HMAC-SHA256 over id.timestamp.body>".
std::string sign(std::string_view key, std::string_view id, int64_t timestamp_s,
                 std::string_view body);

}  // namespace forecourt::webhooks
