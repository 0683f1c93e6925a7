#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace community {

/// Standard base64, with or without its padding; bits that are left over are dropped, whatever they
/// are: an EncodingAESKey's last character may carry two of them. nullopt for any other character.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace community
