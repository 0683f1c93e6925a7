#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace forecourt::sandbox {

/// What a process may use; 0 leaves one to what the system sets.
struct Limits {
  uint64_t memory_bytes = 0;
  uint64_t processes = 0;  // threads count as processes
  uint64_t open_files = 256;
  uint64_t file_size_bytes = 0;
};

/// What a sandboxed process may reach: one folder of its own, what it may read, and nothing else.
/// The parent makes it; `enter` in the child carries it out.
struct Policy {
  std::string name;                    // what process lists show, at most 15 bytes of it
  std::string own_folder;              // absolute; read and write
  std::vector<std::string> read_only;  // absolute; files or folders; what is absent is left out
  uid_t uid = 0;  // becomes this user when started as root and gives it own_folder; 0: stays
  gid_t gid = 0;
  Limits limits;
  /// Held by the parent through a cgroup (Cgroup::holds); what is not is held by rlimits instead.
  bool memory_in_cgroup = false;
  bool processes_in_cgroup = false;
  pid_t parent = 0;  // without it the process ends; 0: not watched

  /// Absolute paths, a folder that is there. The error names the member.
  Result<void> check() const;
};

/// What the loader, the C library and time zones need to read: libraries and their cache, zone files,
/// locales, /dev/null and /dev/urandom. What of it exists here.
std::vector<std::string> system_paths();

/// A policy crosses the exec as JSON text, in an argument or over a descriptor.
std::string to_json(const Policy& policy);
Result<Policy> policy_of(std::string_view json);

}  // namespace forecourt::sandbox
