#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "webhooks/webhook.hpp"

namespace forecourt::app {

/// Seals what rests in one of the host's own tables, as a plugin's secrets are, under a key no
/// plugin has: `owner` is no plugin's id.
webhooks::Sealer make_sealer(const std::array<uint8_t, 32>& secrets_key, const std::string& owner);

}  // namespace forecourt::app
