#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::backup {

/// What a file holds.
struct FileSum {
  int64_t bytes = 0;
  std::string sha256;  ///< in hex
};
Result<FileSum> sum_of(const std::string& path);

/// Copies into a new file, mode 0600, synced. What was copied.
Result<FileSum> copy_file(const std::string& from, const std::string& to);

/// A new file, mode 0600, synced.
Result<void> write_new_file(const std::string& path, std::string_view content);

/// Mode 0700; its parent must be there.
Result<void> make_private_folder(const std::string& path);

std::string hex(std::string_view bytes);

}  // namespace forecourt::backup
