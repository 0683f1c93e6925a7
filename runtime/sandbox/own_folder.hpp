#pragma once

#include <sys/types.h>

#include <string>

#include "base/result.hpp"

namespace forecourt::sandbox {

/// Gives a folder and what is in it to another user, for a process that is to run as that user. Links are not
/// followed, and a file with a second name elsewhere is refused: an untrusted process may have written here.
Result<void> hand_over(const std::string& folder, uid_t uid, gid_t gid);

}  // namespace forecourt::sandbox
