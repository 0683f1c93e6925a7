#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "sandbox/layers.hpp"
#include "sandbox/own_folder.hpp"

namespace forecourt::sandbox {
namespace {

/// Root, and not one that a user namespace of ours made.
bool is_root(const Report& report) { return geteuid() == 0 && !report.in_force("user-namespace"); }

/// The first folder above `path` that the effective user may not pass.
std::optional<std::string> closed_above(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string above = path.substr(0, at);
    if (::faccessat(AT_FDCWD, above.c_str(), X_OK, AT_EACCESS) != 0) return failure(above);
  }
  return std::nullopt;
}

/// Why the user would be of no use, seen through its eyes; the saved ids lead back. An error: they did not.
Result<std::optional<std::string>> try_user(const Policy& policy) {
  const gid_t group = getegid();
  std::vector<gid_t> groups(static_cast<size_t>(std::max(0, getgroups(0, nullptr))));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<size_t>(std::max(0, count)));
  const std::string user = std::to_string(policy.uid);

  if (setgroups(0, nullptr) != 0) return std::optional(failure("setgroups"));
  std::optional<std::string> why;
  if (setegid(policy.gid) != 0) {
    why = failure("group " + std::to_string(policy.gid));
  } else if (seteuid(policy.uid) != 0) {
    why = failure("user " + user);
  } else if (auto closed = closed_above(policy.own_folder)) {
    why = "user " + user + " may not pass " + *closed +
          "; a private root would not need it, chmod o+x gives it";
  }
  if (seteuid(0) != 0 || setegid(group) != 0 || setgroups(groups.size(), groups.data()) != 0)
    return internal(failure("sandbox: the way back from user " + user));
  return why;
}

/// What another user had, from a start when there was one, would be closed to a root without capabilities.
Result<void> take_back(const Policy& policy) {
  struct stat found {};
  if (::stat(policy.own_folder.c_str(), &found) != 0)
    return internal(failure("sandbox: " + policy.own_folder));
  if (found.st_uid == geteuid()) return {};
  return hand_over(policy.own_folder, geteuid(), getegid());
}

}  // namespace

Result<void> settle_user(Policy& policy, Report& report) {
  if (!is_root(report)) {
    policy.uid = 0;
    policy.gid = 0;
    return {};
  }
  if (policy.uid == 0) return take_back(policy);
  auto why = try_user(policy);
  if (!why) return why.error();
  if (!*why) return hand_over(policy.own_folder, policy.uid, policy.gid);
  report.add("uid", false, **why);
  policy.uid = 0;
  policy.gid = 0;
  return take_back(policy);
}

Result<void> become_user(const Policy& policy, Report& report) {
  if (!is_root(report)) {
    const bool plain = getuid() == geteuid() && getgid() == getegid();
    if (!plain) return Error{Code::state, "sandbox: the process runs set-user-id"};
    report.add("uid", false, "started as user " + std::to_string(getuid()) + ", not as root");
    return {};
  }
  if (policy.uid == 0) {
    if (!report.find("uid")) report.add("uid", false, "the policy names no user");
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
