#include "sandbox/cgroup.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "sandboxed.hpp"

namespace forecourt::sandbox {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t k_memory = 64 << 20;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text = "") {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

Limits limits() {
  Limits limits;
  limits.memory_bytes = k_memory;
  limits.processes = 20;
  return limits;
}

/// A tree of files laid out as the kernel lays out cgroup v2: this shows which files get which values, not what a kernel
/// makes of them.
class MadeTree : public testing::Test {
 protected:
  void mount(const std::string& root, const std::string& line) {
    const std::string point = (boxed_.root / "cgroup").string();
    write(system_.mounts, "41 31 0:37 " + root + " " + point + " rw - cgroup2 cgroup2 rw\n");
    write(system_.memberships, line + "\n");
  }
  fs::path group(const std::string& own) {
    const fs::path folder = boxed_.root / ("cgroup" + own);
    write(folder / "cgroup.procs");
    write(folder / "cgroup.controllers", "cpu memory pids\n");
    write(folder / "cgroup.subtree_control");
    // What the kernel would fill a new group with.
    const fs::path below = folder / ("forecourt-" + std::to_string(::getpid()) + "-coupons");
    for (const char* file :
         {"cgroup.procs", "memory.max", "memory.swap.max", "memory.oom.group", "pids.max"})
      write(below / file);
    write(below / "memory.events", "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\n");
    return folder;
  }

  Sandboxed boxed_;
  CgroupSystem system_{(boxed_.root / "mountinfo").string(), (boxed_.root / "membership").string()};
};

TEST_F(MadeTree, WithoutAnyCgroupSaysSo) {
  write(system_.mounts);
  write(system_.memberships);
  const auto group = Cgroup::make("coupons", limits(), system_);
  EXPECT_FALSE(group->holds_memory());
  EXPECT_EQ(group->report().find("cgroup-memory")->detail, "no cgroup with the controller memory");
  EXPECT_EQ(group->report().find("cgroup-pids")->detail, "no cgroup with the controller pids");
}

TEST_F(MadeTree, GetsTheLimitsOfVersion2) {
  mount("/", "0::/system.slice/forecourt.service");
  const fs::path own = group("/system.slice/forecourt.service");
  const auto made = Cgroup::make("coupons", limits(), system_);
  const fs::path below = own / ("forecourt-" + std::to_string(::getpid()) + "-coupons");
  EXPECT_EQ(made->report().find("cgroup-memory")->detail, "memory.max 67108864 (cgroup v2)");
  EXPECT_TRUE(made->holds_memory() && made->holds_processes());
  EXPECT_EQ(read(below / "memory.max"), "67108864");
  EXPECT_EQ(read(below / "memory.swap.max"), "0");
  EXPECT_EQ(read(below / "memory.oom.group"), "1");
  EXPECT_EQ(read(below / "pids.max"), "20");
  EXPECT_EQ(made->join_files().size(), 1u);
  EXPECT_EQ(made->out_of_memory_kills(), 2u);
}

TEST_F(MadeTree, IsFoundWhereAContainerMountsAPartOfIt) {
  mount("/docker/abc", "0::/docker/abc/inner");
  group("/inner");
  EXPECT_TRUE(Cgroup::make("coupons", limits(), system_)->holds_memory());
}

TEST_F(MadeTree, HasANameThatLeadsNowhereElse) {
  mount("/", "0::/own");
  const fs::path own = group("/own");
  const auto made = Cgroup::make("../../x", limits(), system_);
  const std::string leaf = "forecourt-" + std::to_string(::getpid()) + "-------x";
  EXPECT_EQ(made->folders(), std::vector<std::string>{(own / leaf).string()});
}

TEST_F(MadeTree, ThatDoesNotTakeTheLimitSaysWhich) {
  mount("/", "0::/own");
  const fs::path own = group("/own");
  fs::remove(own / ("forecourt-" + std::to_string(::getpid()) + "-coupons") / "memory.max");
  const auto made = Cgroup::make("coupons", limits(), system_);
  EXPECT_FALSE(made->holds_memory());
  EXPECT_EQ(made->report().find("cgroup-memory")->detail,
            "memory.max: No such file or directory (cgroup v2)");
}

/// The kernel's own.
class RealGroup : public testing::Test {
 protected:
  void SetUp() override {
    if (!group_->holds_memory() && !group_->holds_processes())
      GTEST_SKIP() << group_->report().find("cgroup-memory")->detail;
  }
  std::unique_ptr<Cgroup> group_ = Cgroup::make("real", limits());
};

TEST_F(RealGroup, HoldsAChildFromItsStart) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"sh", "-c", "exec sleep 60"};
  auto child = Child::start(command, group_.get());
  ASSERT_TRUE(child) << child.error().message;
  const std::string where = read("/proc/" + std::to_string((*child)->pid()) + "/cgroup");
  EXPECT_NE(where.find("forecourt-" + std::to_string(::getpid()) + "-real"), std::string::npos)
      << where;
}

TEST_F(RealGroup, IsGoneWhenItIsDestroyed) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"sh", "-c", "exit 0"};
  auto child = Child::start(command, group_.get());
  ASSERT_TRUE(child);
  ASSERT_TRUE((*child)->wait(10'000));
  const std::vector<std::string> folders = group_->folders();
  ASSERT_FALSE(folders.empty());
  for (const std::string& folder : folders) EXPECT_TRUE(fs::exists(folder)) << folder;
  group_.reset();
  for (const std::string& folder : folders) EXPECT_FALSE(fs::exists(folder)) << folder;
}

TEST_F(RealGroup, OfAHostThatIsNoMoreIsSweptAway) {
  const pid_t host = ::fork();
  if (host == 0) ::_exit(0);
  ::waitpid(host, nullptr, 0);
  const fs::path mine = group_->folders().front();
  const fs::path left = mine.parent_path() / ("forecourt-" + std::to_string(host) + "-left");
  ASSERT_TRUE(fs::create_directory(left));
  Cgroup::sweep();
  EXPECT_FALSE(fs::exists(left));
  EXPECT_TRUE(fs::exists(mine)) << "that of a host that runs stays";
}

}  // namespace
}  // namespace forecourt::sandbox
