#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "secrets/keyring.hpp"

namespace forecourt::secrets {

/// The keys of a file: 32 bytes each, newest first. Nothing when there is no such file; an error
/// when others than its owner may read it or when it does not hold whole keys.
Result<std::optional<Keyring>> read_key_file(const std::string& path);

/// Puts the file in place, durably and in one step: killed at any time, it holds the former keys or
/// these.
Result<void> write_key_file(const std::string& path, const Keyring& keys);

}  // namespace forecourt::secrets
