#pragma once

#include <string>
#include <string_view>

#include "sandbox/cgroup.hpp"

namespace forecourt::sandbox {

/// The caller's own group in one hierarchy, as a folder; empty when the machine does not have it.
struct OwnGroups {
  std::string unified;  // v2
  std::string memory;   // v1
  std::string pids;     // v1
};
OwnGroups own_groups(const CgroupSystem& system);

bool write_text(const std::string& path, std::string_view text);
/// Empty when it cannot be read.
std::string read_text(const std::string& path);
/// Whether the words of a file like cgroup.controllers hold `word`.
bool has_word(const std::string& path, std::string_view word);

/// Lets groups below `own` have a controller. A group with processes of its own cannot give any to groups below,
/// so the caller moves into one, "<own>/forecourt-host", when that is what stands in the way.
bool delegate(const std::string& own, std::string_view controller);

}  // namespace forecourt::sandbox
