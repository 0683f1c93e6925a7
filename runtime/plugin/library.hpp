#pragma once

#include <forecourt/plugin.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::plugin {

/// SHA-256 of a file's bytes, in hexadecimal.
std::string sha256_hex(std::string_view bytes);

/// Puts `bytes` at `<folder>/<sha256>.so` and returns that path. A file that is already there is
/// compared with its name. Loading by content hash keeps one version's handle from standing for
/// another's.
Result<std::string> keep_library(const std::string& folder, std::string_view bytes,
                                 const std::string& sha256);

/// Loads a library (RTLD_NOW | RTLD_LOCAL) and finds its entry. It stays loaded for the life of the
/// process: code of a retired generation may still be referenced in ways nobody can see.
Result<decltype(&fc_plugin_entry_1)> load_library(const std::string& path);

}  // namespace forecourt::plugin
