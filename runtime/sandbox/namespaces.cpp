#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {
namespace {

bool write_file(const char* path, const std::string& text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  ::close(file);
  errno = error;
  return written;
}

/// Who is not root may make the other namespaces only inside a user namespace of its own.
Result<void> enter_user_namespace(Report& report) {
  const uid_t uid = getuid();
  const gid_t gid = getgid();
  if (unshare(CLONE_NEWUSER) != 0) {
    report.add("user-namespace", false, failure("unshare"));
    return {};
  }
  const std::string user = std::to_string(uid) + " " + std::to_string(uid) + " 1\n";
  const std::string group = std::to_string(gid) + " " + std::to_string(gid) + " 1\n";
  if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/gid_map", group) ||
      !write_file("/proc/self/uid_map", user))
    return internal(failure("sandbox: the maps of the user namespace"));
  report.add("user-namespace", true, "user " + std::to_string(uid));
  return {};
}

void enter_one(const char* layer, int flags, const char* holds, Report& report) {
  const bool entered = unshare(flags) == 0;
  report.add(layer, entered, entered ? holds : failure("unshare"));
}

}  // namespace

Result<void> enter_namespaces(const Policy& policy, Report& report) {
  if (geteuid() == 0) {
    report.add("user-namespace", false, "not needed: started as root");
  } else if (auto entered = enter_user_namespace(report); !entered) {
    return entered;
  }
  enter_one("network-namespace", CLONE_NEWNET, "no interface", report);
  enter_one("ipc-namespace", CLONE_NEWIPC | CLONE_NEWUTS, "no shared memory, no queue", report);
  if (unshare(CLONE_NEWNS) != 0) {
    report.add("private-root", false, failure("unshare"));
    return {};
  }
  return make_private_root(policy, report);
}

}  // namespace forecourt::sandbox
