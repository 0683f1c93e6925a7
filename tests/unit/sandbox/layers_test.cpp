// One layer at a time, the others left out: what stands behind another must hold by itself.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "sandbox/own_folder.hpp"
#include "sandboxed.hpp"
#include "victims.hpp"

namespace forecourt::sandbox {
namespace {

constexpr int k_killed = -SIGSYS;

struct Row {
  const char* mode;
  const char* layer;
  const char* name;
  std::vector<std::string> attempt;
  int expected;  // errno, or k_killed
  int abi = 1;   // of Landlock
};

const std::vector<Row> k_rows{
    {"landlock", "landlock", "Read", {"read", "{secret}"}, EACCES},
    {"landlock", "landlock", "List", {"list", "{other}"}, EACCES},
    {"landlock", "landlock", "Write", {"write", "{other}/store.db"}, EACCES},
    {"landlock", "landlock", "WriteReadOnly", {"write", SANDBOX_BUNDLE "/planted"}, EACCES},
    {"landlock", "landlock", "Unlink", {"unlink", "{secret}"}, EACCES},
    {"landlock", "landlock", "Symlink", {"symlink", "{secret}", "{own}/link"}, EACCES},
    {"landlock", "landlock", "HardLink", {"link", "{secret}", "{own}/second"}, EXDEV},
    {"landlock", "landlock", "RenameIn", {"rename", "{secret}", "{own}/moved"}, EACCES},
    {"landlock", "landlock", "Pipe", {"mkfifo", "{own}/pipe"}, EACCES},
    {"landlock", "landlock", "Execute", {"exec", "/bin/true"}, EACCES},
    {"landlock", "landlock", "Environment", {"read", "/proc/{parent}/environ"}, EACCES},
    {"landlock", "landlock", "Trace", {"ptrace", "{parent}"}, EPERM},
    {"landlock", "landlock", "Truncate", {"truncate", "{secret}"}, EACCES, 3},
    {"landlock", "landlock", "Connect", {"connect", "{port}"}, EACCES, 4},
    {"landlock", "landlock", "Bind", {"bind"}, EACCES, 4},
    {"landlock", "landlock", "Abstract", {"abstract", "{abstract}"}, EPERM, 6},
    {"landlock", "landlock", "Signal", {"kill", "{parent}"}, EPERM, 6},
    {"landlock", "landlock", "SignalByHandle", {"pidfd-signal", "{sibling}"}, EPERM, 6},

    {"seccomp", "seccomp", "Socket", {"connect", "{port}"}, EPERM},
    {"seccomp", "seccomp", "Abstract", {"abstract", "{abstract}"}, EPERM},
    {"seccomp", "seccomp", "Netlink", {"netlink"}, EPERM},
    {"seccomp", "seccomp", "Fork", {"fork"}, EPERM},
    {"seccomp", "seccomp", "CloneUser", {"clone-user"}, EPERM},
    {"seccomp", "seccomp", "CloneParent", {"clone-parent"}, EPERM},
    {"seccomp", "seccomp", "Clone3", {"clone3"}, ENOSYS},
    {"seccomp", "seccomp", "Signal", {"kill", "{parent}"}, EPERM},
    {"seccomp", "seccomp", "SignalAll", {"kill", "-1"}, EPERM},
    {"seccomp", "seccomp", "Queue", {"sigqueue", "{sibling}"}, EPERM},
    {"seccomp", "seccomp", "Handle", {"pidfd-signal", "{sibling}"}, EPERM},
    {"seccomp", "seccomp", "Owner", {"set-owner", "{sibling}"}, EPERM},
    {"seccomp", "seccomp", "Limits", {"prlimit", "{sibling}"}, EPERM},
    {"seccomp", "seccomp", "Terminal", {"tiocsti"}, EPERM},
    {"seccomp", "seccomp", "Chmod", {"chmod", "{own}"}, EPERM},
    {"seccomp", "seccomp", "ChmodOpen", {"fchmod", "{own}/file"}, EPERM},
    {"seccomp", "seccomp", "Truncate", {"truncate", "{secret}"}, EPERM},
    {"seccomp", "seccomp", "Chown", {"chown", "{own}"}, EPERM},
    {"seccomp", "seccomp", "Symlink", {"symlink", "{secret}", "{own}/link"}, EPERM},
    {"seccomp", "seccomp", "SetUid", {"setuid"}, EPERM},
    {"seccomp", "seccomp", "Dumpable", {"dumpable"}, EPERM},
    {"seccomp", "seccomp", "ParentDeath", {"pdeathsig"}, EPERM},
    {"seccomp", "seccomp", "Trace", {"ptrace", "{sibling}"}, k_killed},
    {"seccomp", "seccomp", "Memory", {"process-vm-readv", "{parent}", "{address}"}, k_killed},
    {"seccomp", "seccomp", "Execute", {"exec", "/bin/true"}, k_killed},
    {"seccomp", "seccomp", "ExecuteAt", {"execveat", "/bin/true"}, k_killed},
    {"seccomp", "seccomp", "Chroot", {"chroot", "{own}"}, k_killed},
    {"seccomp", "seccomp", "Unshare", {"unshare"}, k_killed},
    {"seccomp", "seccomp", "Mount", {"mount", "{own}"}, k_killed},
    {"seccomp", "seccomp", "IoUring", {"io_uring"}, k_killed},
    {"seccomp", "seccomp", "Userfaultfd", {"userfaultfd"}, k_killed},
    {"seccomp", "seccomp", "Bpf", {"bpf"}, k_killed},
    {"seccomp", "seccomp", "Perf", {"perf_event_open"}, k_killed},
    {"seccomp", "seccomp", "Keyctl", {"keyctl"}, k_killed},
    {"seccomp", "seccomp", "X32", {"x32"}, k_killed},
    {"seccomp", "seccomp", "Int80", {"int80"}, k_killed},

    {"namespaces", "private-root", "Read", {"read", "{secret}"}, ENOENT},
    {"namespaces", "private-root", "List", {"list", "{other}"}, ENOENT},
    {"namespaces", "private-root", "Processes", {"read", "/proc/{parent}/environ"}, ENOENT},
    {"namespaces", "private-root", "WriteReadOnly", {"write", SANDBOX_BUNDLE "/planted"}, EROFS},
    {"namespaces", "private-root", "WriteTheRoot", {"write", "/planted"}, EROFS},
    {"namespaces", "private-root", "Execute", {"exec", "/bin/true"}, ENOENT},
    {"namespaces", "network-namespace", "Connect", {"connect", "{port}"}, ENETUNREACH},
    {"namespaces", "network-namespace", "Abstract", {"abstract", "{abstract}"}, ECONNREFUSED},

    {"uid", "uid", "Read", {"read", "/proc/{parent}/environ"}, EACCES},
    {"uid", "uid", "Signal", {"kill", "{parent}"}, EPERM},
    {"uid", "uid", "Trace", {"ptrace", "{parent}"}, EPERM},
    {"uid", "uid", "SetUid", {"setuid"}, EPERM},
    {"uid", "uid", "Mount", {"mount", "{own}"}, EPERM},
};

void expect_held(const Row& row) {
  SCOPED_TRACE(row.name);
  Sandboxed boxed;
  Victims victims(boxed, "all");
  const Outcome outcome = boxed.run(victims.aim(row.attempt), row.mode);
  const Layer* layer = outcome.report.find(row.layer);
  ASSERT_NE(layer, nullptr) << outcome.text();
  if (!layer->in_force) GTEST_SKIP() << row.layer << ": " << layer->detail;
  if (std::string(row.layer) == "landlock" && std::stoi(layer->detail.substr(4)) < row.abi) {
    testing::Test::RecordProperty(row.name, "not held: " + layer->detail);
    return;
  }
  EXPECT_TRUE(victims.unharmed());
  if (row.expected == k_killed) {
    EXPECT_EQ(outcome.exit.signal, SIGSYS) << outcome.text();
  } else {
    EXPECT_EQ(outcome.stopped, row.expected) << outcome.text();
  }
}

class Alone : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Layer, Alone,
                         testing::Values("landlock", "seccomp", "private-root", "network-namespace",
                                         "uid"));

TEST_P(Alone, Holds) {
  for (const Row& row : k_rows)
    if (row.layer == GetParam()) expect_held(row);
}

TEST(Layers, AllAreInForceWhereTheKernelHasThem) {
  Sandboxed boxed;
  const Outcome outcome = boxed.run({"nothing"});
  for (const char* always :
       {"rlimits", "capabilities", "not-dumpable", "parent-death", "no-new-privs", "seccomp"})
    EXPECT_TRUE(outcome.report.in_force(always)) << always << ": " << outcome.text();
  EXPECT_EQ(outcome.report.in_force("uid"), is_root());
}

TEST(Layers, WithEveryOtherLayerOffAUserReachesNothingOfAnotherPlugins) {
  if (!is_root()) GTEST_SKIP() << "only root has users to give";
  Sandboxed boxed;
  const std::string other = boxed.outside("other");
  ASSERT_TRUE(hand_over(other, boxed.policy.uid + 1, boxed.policy.gid + 1));
  for (const std::vector<std::string>& attempt :
       {std::vector<std::string>{"read", other + "/store.db"},
        {"write", other + "/store.db"},
        {"write", other + "/planted"}}) {
    const Outcome outcome = boxed.run(attempt, "uid");
    EXPECT_TRUE(outcome.report.in_force("uid")) << outcome.text();
    EXPECT_EQ(outcome.stopped, EACCES) << attempt[0] << outcome.text();
  }
}

/// As root in a container: no mounts, so no private root.
TEST(Layers, AUserThatMayNotPassToItsFolderIsLeftOutAndTheReportNamesWhereItEnds) {
  if (!is_root()) GTEST_SKIP() << "only root has users to give";
  Sandboxed boxed;
  const Outcome passed = boxed.run({"write", boxed.own() + "/file"}, "contained");
  ASSERT_FALSE(passed.report.in_force("private-root"));
  EXPECT_TRUE(passed.report.in_force("uid")) << passed.text();
  EXPECT_TRUE(passed.done) << passed.text();

  // What the user wrote is root's again, which has no right of its own to it any more.
  ASSERT_EQ(::chmod(boxed.root.c_str(), 0700), 0);
  const Outcome closed = boxed.run({"write", boxed.own() + "/file"}, "contained");
  EXPECT_FALSE(closed.report.in_force("uid")) << closed.text();
  EXPECT_NE(closed.text().find("may not pass " + boxed.root.string()), std::string::npos)
      << closed.text();
  EXPECT_TRUE(closed.done) << closed.text();
}

TEST(Layers, EachIsToldByOneOfTheThreeThatKnow) {
  Sandboxed boxed;
  Report report = boxed.run({"nothing"}).report;
  report.add(Cgroup::make("told", {})->report());
  auto child = Child::start(boxed.command({"nothing"}, "free"));
  ASSERT_TRUE(child);
  report.add((*child)->report());
  EXPECT_EQ(report.layers.size(), layer_names().size());
  for (const std::string_view name : layer_names()) EXPECT_NE(report.find(name), nullptr) << name;
}

/// A change of user takes the kernel's promise back, which enter renews.
TEST(Layers, TheProcessEndsWithTheThreadThatStartedIt) {
  Sandboxed boxed;
  std::unique_ptr<Child> child;
  std::thread([&] { child = start_waiting(boxed, "all"); }).join();
  ASSERT_TRUE(child);
  const auto exit = child->wait(10'000);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGKILL);
}

TEST(Layers, AProcessOfTheSameUserCannotLookInside) {
  if (!is_root()) GTEST_SKIP() << "only root can become another user";
  const auto look = [](const std::string& sibling, const std::vector<std::string>& attempt) {
    Sandboxed boxed;
    boxed.start_as_nobody();
    Victims victims(boxed, sibling);
    EXPECT_TRUE(victims.unharmed());
    return boxed.run(victims.aim(attempt), "ordinary");
  };
  EXPECT_TRUE(look("ordinary", {"ptrace", "{sibling}"}).done);
  EXPECT_EQ(look("nobody", {"ptrace", "{sibling}"}).stopped, EPERM);
  EXPECT_TRUE(look("ordinary", {"read", "/proc/{sibling}/environ"}).done);
  EXPECT_EQ(look("nobody", {"read", "/proc/{sibling}/environ"}).stopped, EACCES);
}

TEST(Layers, NoCapabilityAndNoGroupIsLeft) {
  if (!is_root()) GTEST_SKIP() << "there are none to lose";
  for (const char* mode : {"groups", "nobody"}) {
    Sandboxed boxed;
    if (std::string(mode) == "nobody") boxed.start_as_nobody();
    const Outcome outcome = boxed.run({"rights"}, mode);
    EXPECT_EQ(outcome.said, "0 effective, 0 permitted, 0 inheritable, 0 groups") << outcome.text();
  }
}

TEST(Layers, TheProcessCannotOpenWhatWasLeftOpenInItsParent) {
  Sandboxed boxed;
  const int left_open = ::open(boxed.outside("secrets.key").c_str(), O_RDONLY);
  ASSERT_GE(left_open, 3);
  EXPECT_EQ(boxed.run({"descriptors"}).said, "");
  EXPECT_EQ(boxed.run({"descriptors"}, "all", nullptr, {left_open}).said, "3 ");
  ::close(left_open);
}

TEST(Layers, AProcessWithThreadsIsRefused) {
  Sandboxed boxed;
  const Outcome outcome = boxed.run({"nothing"}, "threads");
  EXPECT_EQ(outcome.error,
            "sandbox: the process has 2 threads; enter it before the first is started");
}

TEST(Layers, AFolderThatItsUserCannotReachIsTold) {
  if (!is_root()) GTEST_SKIP() << "only root can become another user";
  Sandboxed boxed;
  boxed.start_as_nobody();
  ASSERT_EQ(::chown(boxed.own().c_str(), 0, 0), 0);
  ASSERT_EQ(::chmod(boxed.own().c_str(), 0700), 0);
  const Outcome outcome = boxed.run({"nothing"}, "nobody");
  EXPECT_NE(outcome.error.find(boxed.own() + ": Permission denied for user 65534"),
            std::string::npos)
      << outcome.text();
}

TEST(Layers, AParentThatIsNotItsOwnEndsIt) {
  Sandboxed boxed;
  boxed.policy.parent = 1;
  EXPECT_EQ(boxed.run({"nothing"}).error, "sandbox: the process that started this one has ended");
}

}  // namespace
}  // namespace forecourt::sandbox
