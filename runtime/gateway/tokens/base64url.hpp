#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forecourt::gateway {

/// The bytes of a base64url text without padding (RFC 4648, section 5); nothing when there is
/// another character in it, a length no encoder makes or bits left over that are not zero: every
/// byte string has one text.
std::optional<std::string> decode_base64url(std::string_view text);

}  // namespace forecourt::gateway
