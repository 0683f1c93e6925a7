#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace forecourt::app {

/// The key that seals what plugins keep secret, from `<data>/secrets.key` (mode 0600); made on
/// fresh data. Missing where plugins already have data, it is an error: a new one could not open
/// what the old one sealed.
Result<std::array<uint8_t, 32>> load_secrets_key(const std::string& data);

}  // namespace forecourt::app
