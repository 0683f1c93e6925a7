#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace forecourt::sandbox {

/// One layer: whether it holds, and how ("abi 7") or why not ("unshare: Operation not permitted").
struct Layer {
  std::string name;
  bool in_force = false;
  std::string detail;
};

/// Which layers hold a process. `enter` fills in the child's, Cgroup and Child those of the parent.
struct Report {
  std::vector<Layer> layers;

  void add(std::string name, bool in_force, std::string detail);
  void add(const Report& more);
  const Layer* find(std::string_view name) const;
  bool in_force(std::string_view name) const;
};

/// [{"name":"landlock","in_force":true,"detail":"abi 7"}, …]
std::string to_json(const Report& report);
Result<Report> report_of(std::string_view json);

/// Every layer there is, in the order reports list them; a demand may name these and no others:
/// cgroup-memory, cgroup-pids, descriptors, user-namespace, network-namespace, ipc-namespace,
/// private-root, rlimits, uid, capabilities, not-dumpable, parent-death, no-new-privs, landlock,
/// seccomp.
const std::vector<std::string_view>& layer_names();

/// Refuses a demand for a layer that does not exist; the error lists those that do.
Result<void> check_demand(const std::vector<std::string>& minimum);

/// Why a process may not run with `report` when `minimum` is demanded: the layers that are not in force, why,
/// and what to do on the machine. Nothing when all of them are.
std::optional<std::string> missing(const std::vector<std::string>& minimum, const Report& report);

}  // namespace forecourt::sandbox
