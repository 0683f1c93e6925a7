#include <grp.h>
#include <unistd.h>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {

Result<void> become_user(const Policy& policy, Report& report) {
  if (geteuid() != 0 || report.in_force("user-namespace")) {
    const bool plain = getuid() == geteuid() && getgid() == getegid();
    if (!plain) return Error{Code::state, "sandbox: the process runs set-user-id"};
    report.add("uid", false, "started as user " + std::to_string(getuid()) + ", not as root");
    return {};
  }
  if (policy.uid == 0) {
    report.add("uid", false, "the policy names no user");
    return {};
  }
  // Once begun it must be finished: a process that keeps root's groups is no smaller for its user.
  if (setgroups(0, nullptr) != 0) return internal(failure("sandbox: setgroups"));
  if (setresgid(policy.gid, policy.gid, policy.gid) != 0)
    return internal(failure("sandbox: setresgid " + std::to_string(policy.gid)));
  if (setresuid(policy.uid, policy.uid, policy.uid) != 0)
    return internal(failure("sandbox: setresuid " + std::to_string(policy.uid)));
  if (setuid(0) == 0 || setgid(0) == 0)
    return internal("sandbox: the process could become root again");
  report.add("uid", true,
             "user " + std::to_string(policy.uid) + ", group " + std::to_string(policy.gid));
  return {};
}

}  // namespace forecourt::sandbox
