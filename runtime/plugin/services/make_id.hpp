#pragma once

#include <string>
#include <string_view>

#include "plugin/call.hpp"

namespace forecourt::plugin {

/// "<prefix>_" and 26 characters of a UUIDv7 made from the call's time and randomness; ids of one
/// run sort in the order they were made.
std::string make_id(Call& call, std::string_view prefix);

}  // namespace forecourt::plugin
