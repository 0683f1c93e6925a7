#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace payments {

/// Standard base64 with its padding and nothing else in it; nullopt for anything that is not.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace payments
