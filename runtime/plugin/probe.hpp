#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.hpp"

namespace forecourt::plugin {

/// Loads a library in a child process and checks its table there, so that an initialiser that
/// crashes or hangs stops nobody. `command` is the program and its first arguments; library, id and
/// version follow. The child is killed after `timeout_ms`. The error says what happened.
Result<void> probe_library(std::span<const std::string> command, const std::string& library,
                           const std::string& id, const std::string& version, int64_t timeout_ms);

}  // namespace forecourt::plugin
