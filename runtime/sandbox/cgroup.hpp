#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "sandbox/policy.hpp"
#include "sandbox/report.hpp"

namespace forecourt::sandbox {

/// Where cgroups are looked for; tests give folders of their own.
struct CgroupSystem {
  std::string mounts = "/proc/self/mountinfo";
  std::string memberships = "/proc/self/cgroup";
};

/// A control group below the caller's own that bounds memory and processes of what is started in it: cgroup v2
/// where its controllers are there, v1 for those that are not, and what neither gives is told in the report (rlimits
/// then do what they can). Removed when destroyed, after its processes have ended.
class Cgroup {
 public:
  /// `name` becomes "forecourt-<pid of this process>-<name>", what is neither letter nor digit a "-": one name for each that is
  /// alive. Never fails: see `report`.
  static std::unique_ptr<Cgroup> make(const std::string& name, const Limits& limits,
                                      const CgroupSystem& system = {});
  /// Removes the empty groups of hosts that are no more.
  static void sweep(const CgroupSystem& system = {});
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  bool holds_memory() const { return memory_.held; }
  bool holds_processes() const { return processes_.held; }
  /// cgroup-memory and cgroup-pids.
  Report report() const;
  /// The groups made for it: one in version 2, one a controller in version 1.
  const std::vector<std::string>& folders() const { return folders_; }
  /// How often the kernel killed one of its processes for want of memory.
  uint64_t out_of_memory_kills() const;
  /// Open files `cgroup.procs`: a process that writes "0" joins. They belong to the Cgroup.
  const std::vector<int>& join_files() const { return join_files_; }

 private:
  struct Controller {
    bool held = false;
    std::string folder;
    std::string detail;
  };
  Cgroup() = default;
  void open_join_files();

  Controller memory_;
  Controller processes_;
  bool memory_v2_ = false;
  std::vector<std::string> folders_;
  std::vector<int> join_files_;
};

}  // namespace forecourt::sandbox
