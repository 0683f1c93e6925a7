#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt {

/// What was written into a file is on the disk.
Result<void> sync_file(const std::string& path);
/// So are the names in a folder: of what was made, renamed and removed there.
Result<void> sync_folder(const std::string& path);

/// Makes `path` a file of mode 0600 with this content, in place of one that is there: after a power
/// cut it is the one or the other, whole.
Result<void> write_durably(const std::string& path, std::string_view content);

}  // namespace forecourt
