#pragma once

#include <cerrno>
#include <cstring>
#include <string>

#include "sandbox/policy.hpp"
#include "sandbox/report.hpp"

// The steps of `enter`, in its order. Each adds its layers to the report; one that fails half way, so that the process
// is neither free nor shut in, is an error.
namespace forecourt::sandbox {

inline std::string failure(const std::string& what) { return what + ": " + std::strerror(errno); }

/// User namespace when not root; network; IPC and host name; mounts, with the private root.
Result<void> enter_namespaces(const Policy& policy, Report& report);
/// In a mount namespace of our own: a root that holds what the policy names and nothing else.
Result<void> make_private_root(const Policy& policy, Report& report);
Result<void> limit_resources(const Policy& policy, Report& report);
/// Needs a right that goes with root; false when it is not there.
bool drop_bounding_set();
/// Decides, as root, whether the policy's user can be had and would reach the own folder; hands that over to it. Where
/// it cannot, the policy loses its user, the report says why, and the folder is root's.
Result<void> settle_user(Policy& policy, Report& report);
/// The user and group, without supplementary groups.
Result<void> become_user(const Policy& policy, Report& report);
Result<void> drop_capabilities(bool bounding_set_empty, Report& report);
Result<void> restrict_files(const Policy& policy, Report& report);
/// Last: what the others need is no longer allowed after it.
Result<void> restrict_system_calls(Report& report);

}  // namespace forecourt::sandbox
