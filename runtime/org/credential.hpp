#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "org/directory.hpp"

namespace forecourt::org {

/// base64url without padding (RFC 4648, section 5).
std::string base64url(std::span<const uint8_t> bytes);

/// A new secret: "fck_" and 43 base64url characters of 32 random bytes.
std::string new_credential();

/// Whether an admin-chosen credential can travel in an Authorization header and is long enough: 16
/// to 256 printable ASCII characters, no space at either end.
Result<void> check_chosen_credential(std::string_view credential);

}  // namespace forecourt::org
