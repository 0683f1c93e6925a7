// What uses up the machine: each is bounded, by the cgroup where there is one and by rlimits where there is none.
#include <gtest/gtest.h>
#include <signal.h>

#include "sandboxed.hpp"

namespace forecourt::sandbox {
namespace {

constexpr uint64_t k_mebibyte = uint64_t{1} << 20;

TEST(Bombs, MemoryEndsTheProcessInItsCgroup) {
  Sandboxed boxed;
  boxed.policy.limits.memory_bytes = 64 * k_mebibyte;
  const auto group = Cgroup::make("memory-bomb", boxed.policy.limits);
  if (!group->holds_memory()) GTEST_SKIP() << group->report().find("cgroup-memory")->detail;
  boxed.policy.memory_in_cgroup = true;
  for (const char* bomb : {"memory-bomb", "shared-memory-bomb"}) {
    const Outcome outcome = boxed.run({bomb, "256"}, "all", group.get());
    EXPECT_EQ(outcome.exit.signal, SIGKILL) << bomb << ": " << outcome.text();
  }
  EXPECT_EQ(group->out_of_memory_kills(), 2u);
}

TEST(Bombs, MemoryIsRefusedByTheLimitWithoutACgroup) {
  Sandboxed boxed;
  boxed.policy.limits.memory_bytes = 64 * k_mebibyte;
  const Outcome outcome = boxed.run({"memory-bomb", "256"});
  EXPECT_EQ(outcome.stopped, ENOMEM) << outcome.text();
}

TEST(Bombs, SharedMemoryIsRefusedByTheLimitWithoutACgroup) {
  Sandboxed boxed;
  boxed.policy.limits.memory_bytes = 64 * k_mebibyte;
  // The address space is the wider limit: twice the memory and 1 GiB.
  const Outcome outcome = boxed.run({"shared-memory-bomb", "1300"});
  EXPECT_EQ(outcome.stopped, ENOMEM) << outcome.text();
}

TEST(Bombs, ThreadsAreRefusedInTheCgroup) {
  Sandboxed boxed;
  boxed.policy.limits.processes = 16;
  const auto group = Cgroup::make("thread-bomb", boxed.policy.limits);
  if (!group->holds_processes()) GTEST_SKIP() << group->report().find("cgroup-pids")->detail;
  boxed.policy.processes_in_cgroup = true;
  const Outcome outcome = boxed.run({"thread-bomb", "64"}, "all", group.get());
  EXPECT_EQ(outcome.stopped, EAGAIN) << outcome.text();
}

TEST(Bombs, ThreadsAreRefusedByTheLimitWithoutACgroup) {
  Sandboxed boxed;
  boxed.policy.limits.processes = 16;
  const Outcome outcome = boxed.run({"thread-bomb", "64"});
  if (!outcome.report.in_force("uid") && !outcome.report.in_force("user-namespace"))
    GTEST_SKIP() << "the limit is counted for all processes of the user";
  EXPECT_EQ(outcome.stopped, EAGAIN) << outcome.text();
}

TEST(Bombs, DescriptorsAreRefused) {
  Sandboxed boxed;
  boxed.policy.limits.open_files = 32;
  const Outcome outcome = boxed.run({"descriptor-bomb", "64"});
  EXPECT_EQ(outcome.stopped, EMFILE) << outcome.text();
}

TEST(Bombs, ALargeFileIsRefusedAndTheProcessLives) {
  Sandboxed boxed;
  boxed.policy.limits.file_size_bytes = k_mebibyte;
  const Outcome outcome = boxed.run({"file-size-bomb", boxed.own() + "/large", "2000000"});
  EXPECT_EQ(outcome.stopped, EFBIG) << outcome.text();
  EXPECT_TRUE(boxed.run({"file-size-bomb", boxed.own() + "/large", "1000000"}).done);
}

TEST(Bombs, ACrashLeavesNoCore) {
  Sandboxed boxed;
  const Outcome outcome = boxed.run({"trap"});
  EXPECT_EQ(outcome.exit.text(), "killed by signal 4 (Illegal instruction)");
  EXPECT_FALSE(outcome.exit.core);
}

}  // namespace
}  // namespace forecourt::sandbox
