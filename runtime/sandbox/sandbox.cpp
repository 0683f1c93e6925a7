#include "sandbox/sandbox.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "sandbox/layers.hpp"

namespace forecourt::sandbox {
namespace {

/// The kernel's layers bind a thread and what it starts: another one would stay outside.
Result<void> check_one_thread() {
  struct stat found {};
  if (::stat("/proc/self/task", &found) != 0) return {};  // no /proc: the caller's word
  // The folder has "." and ".." and one entry a thread.
  if (found.st_nlink > 3)
    return Error{Code::state, "sandbox: the process has " + std::to_string(found.st_nlink - 2) +
                                  " threads; enter it before the first is started"};
  return {};
}

void forbid_dumps(Report& report) {
  const bool done = prctl(PR_SET_DUMPABLE, 0) == 0;
  report.add("not-dumpable", done, done ? "no core, no ptrace" : failure("prctl"));
}

/// A change of user clears it, so it is set again after that.
Result<void> watch_parent(const Policy& policy, Report& report) {
  if (policy.parent == 0) {
    report.add("parent-death", false, "the policy names no parent");
    return {};
  }
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
    report.add("parent-death", false, failure("prctl"));
    return {};
  }
  // It may have ended before the line above.
  if (getppid() != policy.parent)
    return Error{Code::state, "sandbox: the process that started this one has ended"};
  report.add("parent-death", true, "SIGKILL");
  return {};
}

Result<void> forbid_new_privileges(Report& report) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    report.add("no-new-privs", false, failure("prctl"));
    return {};
  }
  report.add("no-new-privs", true, "set for good");
  return {};
}

/// A folder above it that is closed to the new user would show only when the plugin opens its store.
Result<void> settle_in_own_folder(const Policy& policy) {
  const char* own = policy.own_folder.c_str();
  if (::access(own, R_OK | W_OK | X_OK) == 0 && ::chdir(own) == 0) {
    // The usual places for temporary files are out of reach: a large sort of SQLite needs one.
    ::setenv("TMPDIR", own, 1);
    ::setenv("SQLITE_TMPDIR", own, 1);
    return {};
  }
  return Error{Code::denied, failure("sandbox: " + policy.own_folder) + " for user " +
                                 std::to_string(geteuid()) +
                                 "; give it the folder and the right to pass through those above"};
}

}  // namespace

Result<Report> enter(const Policy& wanted) {
  Policy policy = wanted;
  Report report;
  if (auto step = policy.check(); !step) return step.error();
  if (auto step = check_one_thread(); !step) return step.error();
  prctl(PR_SET_NAME, policy.name.c_str());
  // A file at its limit is then an error to the writer instead of the end of the process.
  ::signal(SIGXFSZ, SIG_IGN);

  if (auto step = enter_namespaces(policy, report); !step) return step.error();
  if (auto step = settle_user(policy, report); !step) return step.error();
  if (auto step = limit_resources(policy, report); !step) return step.error();
  const bool bounding_set_empty = drop_bounding_set();
  if (auto step = become_user(policy, report); !step) return step.error();
  if (auto step = drop_capabilities(bounding_set_empty, report); !step) return step.error();
  forbid_dumps(report);
  if (auto step = watch_parent(policy, report); !step) return step.error();
  if (auto step = forbid_new_privileges(report); !step) return step.error();
  if (auto step = settle_in_own_folder(policy); !step) return step.error();
  if (auto step = restrict_files(policy, report); !step) return step.error();
  if (auto step = restrict_system_calls(report); !step) return step.error();
  return report;
}

}  // namespace forecourt::sandbox
