// What a hostile plugin would try first. Each must be contained: refused with an error, or the end of the process.
#include <gtest/gtest.h>

#include "sandboxed.hpp"
#include "victims.hpp"

namespace forecourt::sandbox {
namespace {

struct Escape {
  const char* name;
  std::vector<std::string> attempt;
  /// Whether it is tried without a sandbox, too, where it must work: not what would do harm there, or depends on the
  /// machine.
  bool tried_free = true;
};

struct Group {
  const char* name;
  std::vector<Escape> escapes;
};

const std::vector<Group> k_groups{
    {"Files",
     {
         {"ReadASystemFile", {"read", "/etc/passwd"}},
         {"ReadTheKeyFile", {"read", "{secret}"}},
         {"ReadAnotherStore", {"read", "{other}/store.db"}},
         {"ListAnotherFolder", {"list", "{other}"}},
         {"ListTheRoot", {"list", "/"}, false},  // the private root may be seen: it holds nothing
         {"ClimbOutOfItsFolder", {"climb", "{own}", "../secrets.key"}},
         {"ReadThroughProcSelfRoot", {"read", "/proc/self/root/etc/passwd"}},
         {"ReadItsMemoryMap", {"read", "/proc/self/maps"}},
         {"WriteAnotherStore", {"write", "{other}/store.db"}},
         {"PlantAFile", {"write", "{other}/planted"}},
         {"WriteIntoTheBundle", {"write", SANDBOX_BUNDLE "/planted"}, false},
         {"WriteIntoTemp", {"write", "/tmp/forecourt-planted"}, false},
         {"TruncateTheKeyFile", {"truncate", "{secret}"}},
         {"RemoveTheKeyFile", {"unlink", "{secret}"}},
         {"LinkToTheKeyFile", {"symlink", "{secret}", "{own}/link"}},
         {"NameTheKeyFileTwice", {"link", "{secret}", "{own}/second"}},
         {"MoveTheKeyFileIn", {"rename", "{secret}", "{own}/moved"}},
         {"MoveAFileOut", {"rename", "{own}/file", "{other}/planted"}},
         {"MakeAPipe", {"mkfifo", "{own}/pipe"}},
         {"ChangeModes", {"chmod", "{own}"}},
         {"ChangeOwners", {"chown", "{own}"}},
         {"ChangeRoot", {"chroot", "{own}"}},
     }},
    {"Network",
     {
         {"ConnectToTheHost", {"connect", "{port}"}},
         {"BindAPort", {"bind"}},
         {"ConnectToAnAbstractName", {"abstract", "{abstract}"}},
         {"SendRawPackets", {"raw-socket"}, false},
         {"OpenNetlink", {"netlink"}},
         {"OpenVsock", {"vsock"}, false},
     }},
    {"OtherProcesses",
     {
         {"ReadTheHostsMemory", {"read", "/proc/{parent}/mem"}, false},
         {"ReadTheHostsEnvironment", {"read", "/proc/{parent}/environ"}},
         {"CopyTheHostsMemory", {"process-vm-readv", "{parent}", "{address}"}},
         {"TraceTheHost", {"ptrace", "{parent}"}},
         {"TraceASibling", {"ptrace", "{sibling}"}},
         {"SignalTheHost", {"kill", "{parent}"}},
         {"SignalASibling", {"kill", "{sibling}"}},
         {"SignalEverybody", {"kill", "-1"}, false},
         {"QueueASignalToASibling", {"sigqueue", "{sibling}"}},
         {"SignalASiblingByHandle", {"pidfd-signal", "{sibling}"}},
         {"SignalASiblingByOwnership", {"set-owner", "{sibling}"}},
         {"ChangeASiblingsLimits", {"prlimit", "{sibling}"}, false},
         {"TypeIntoTheTerminal", {"tiocsti"}, false},
     }},
    {"SystemCalls",
     {
         {"Execute", {"exec", "/bin/true"}, false},
         {"ExecuteADescriptor", {"execveat", SANDBOX_BUNDLE "/sandbox_library.so"}, false},
         {"Fork", {"fork"}},
         {"CloneIntoAUserNamespace", {"clone-user"}},
         {"CloneAsASibling", {"clone-parent"}, false},
         {"Clone3", {"clone3"}},
         {"UnshareTheUserNamespace", {"unshare"}},
         {"Mount", {"mount", "{own}"}, false},
         {"IoUring", {"io_uring"}},
         {"Userfaultfd", {"userfaultfd"}},
         {"Bpf", {"bpf"}},
         {"PerfEvents", {"perf_event_open"}},
         {"Keyrings", {"keyctl"}},
         {"BecomeRootAgain", {"setuid"}},
         {"BeDumpableAgain", {"dumpable"}},
         {"OutliveTheHost", {"pdeathsig"}},
         {"OldSystemCallNumbers", {"int80"}, false},
         {"X32SystemCallNumbers", {"x32"}, false},
     }},
};

/// One group, each attempt with files and processes of its own.
class Escapes : public testing::TestWithParam<Group> {
 protected:
  void each(const std::string& mode, bool contained) {
    for (const Escape& escape : GetParam().escapes) {
      if (!contained && !escape.tried_free) continue;
      SCOPED_TRACE(escape.name);
      Sandboxed boxed;
      if (mode == "nobody") boxed.start_as_nobody();
      Victims victims(boxed, contained ? mode : "all");
      const Outcome outcome = boxed.run(victims.aim(escape.attempt), mode);
      EXPECT_TRUE(contained ? outcome.contained() : outcome.done) << outcome.text();
      EXPECT_TRUE(!contained || victims.unharmed());
    }
  }
};
INSTANTIATE_TEST_SUITE_P(By, Escapes, testing::ValuesIn(k_groups),
                         [](const auto& group) { return group.param.name; });

TEST_P(Escapes, AreContained) { each("all", true); }

TEST_P(Escapes, AreContainedForAnOrdinaryUser) {
  if (!is_root()) GTEST_SKIP() << "the whole sandbox was that of an ordinary user";
  each("nobody", true);
}

/// Else the two above would pass with a fixture that tries nothing.
TEST_P(Escapes, WorkWithoutASandbox) {
  if (!is_root()) GTEST_SKIP() << "as root all of them work; what an ordinary user may differs";
  each("free", false);
}

}  // namespace
}  // namespace forecourt::sandbox
