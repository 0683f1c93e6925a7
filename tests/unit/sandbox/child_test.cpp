#include "sandbox/child.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "sandboxed.hpp"

namespace forecourt::sandbox {
namespace {

constexpr int k_soon_ms = 10'000;

Command shell(const std::string& script) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"sh", "-c", script};
  return command;
}

std::string output_of(Command command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "no pipe";
  command.output = ends[1];
  auto child = Child::start(command);
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(n));
  ::close(ends[0]);
  return child ? text : child.error().message;
}

TEST(Child, ThatIsNotThereIsAnError) {
  Command command;
  command.program = "/nowhere/program";
  command.arguments = {"worker"};
  EXPECT_EQ(output_of(command), "starting worker: /nowhere/program: No such file or directory");
}

TEST(Child, WithADescriptorThatIsClosedIsAnError) {
  Command command = shell("exit 0");
  command.descriptors = {4000};
  EXPECT_EQ(output_of(command), "starting sh: descriptor 4000: Bad file descriptor");
}

TEST(Child, GetsNoDatagramSocket) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  Command command = shell("exit 0");
  command.descriptors = {ends[1]};
  EXPECT_EQ(output_of(command),
            "starting sh: descriptor " + std::to_string(ends[1]) +
                " is a datagram socket, which reaches anybody; pass a stream or seqpacket pair");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(Child, SeesItsOwnEnvironmentAlone) {
  ::setenv("FORECOURT_SECRET", "secret", 1);
  Command command = shell("echo \"${FORECOURT_SECRET-none} $NAME\"");
  command.environment = {"NAME=value"};
  EXPECT_EQ(output_of(command), "none value\n");
  ::unsetenv("FORECOURT_SECRET");
}

TEST(Child, HasTheNameItWasGiven) {
  Command command = shell("tr '\\0' ' ' < /proc/$$/cmdline");
  command.arguments[0] = "forecourt plugin-host coupons";
  EXPECT_EQ(output_of(command).substr(0, 30), "forecourt plugin-host coupons ");
}

TEST(Child, StartsWithoutTheSignalSettingsOfItsParent) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto handler = ::signal(SIGTERM, SIG_IGN);
  auto child = Child::start(shell("exec sleep 60"));
  ::signal(SIGTERM, handler);
  sigset_t after;
  pthread_sigmask(SIG_SETMASK, &before, &after);
  EXPECT_TRUE(sigismember(&after, SIGTERM)) << "the parent's own mask must be as it was";
  ASSERT_TRUE(child);
  EXPECT_TRUE((*child)->signal(SIGTERM));
  const auto exit = (*child)->wait(k_soon_ms);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->text(), "killed by signal 15 (Terminated)");
}

TEST(Child, IsInASessionOfItsOwn) {
  auto child = Child::start(shell("exec sleep 60"));
  ASSERT_TRUE(child);
  EXPECT_EQ(::getsid((*child)->pid()), (*child)->pid());
}

TEST(Child, TellsItsEndThroughThePidfd) {
  auto child = Child::start(shell("exit 3"));
  ASSERT_TRUE(child);
  pollfd waiting{(*child)->pidfd(), POLLIN, 0};
  ASSERT_EQ(::poll(&waiting, 1, k_soon_ms), 1);
  ASSERT_TRUE((*child)->ended());
  EXPECT_EQ((*child)->ended()->text(), "exited with code 3");
  EXPECT_FALSE((*child)->signal(SIGTERM)) << "nothing is left to receive it";
}

TEST(Child, ThatRunsHasNotEnded) {
  auto child = Child::start(shell("exec sleep 60"));
  ASSERT_TRUE(child);
  EXPECT_FALSE((*child)->ended());
  EXPECT_FALSE((*child)->wait(1));
}

TEST(Child, EndsWithItsOwner) {
  pid_t pid = 0;
  {
    auto child = Child::start(shell("exec sleep 60"));
    ASSERT_TRUE(child);
    pid = (*child)->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(Child, EndsWithTheThreadThatStartedIt) {
  std::unique_ptr<Child> child;
  std::thread([&child] {
    auto started = Child::start(shell("exec sleep 60"));
    if (started) child = std::move(*started);
  }).join();
  ASSERT_TRUE(child);
  const auto exit = child->wait(k_soon_ms);
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->signal, SIGKILL);
}

TEST(Child, StartsFromManyThreadsAtOnce) {
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([i, &right] {
      for (int round = 0; round < 10; ++round) {
        auto child = Child::start(shell("exit " + std::to_string(i)));
        if (!child) continue;
        const auto exit = (*child)->wait(k_soon_ms);
        if (exit && exit->signal == 0 && exit->code == i) ++right;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

TEST(Child, LeavesNoDescriptorBehind) {
  const auto count = [] {
    int open = 0;
    for (int file = 0; file < 256; ++file)
      if (::fcntl(file, F_GETFD) >= 0) ++open;
    return open;
  };
  const int before = count();
  (void)output_of(shell("exit 0"));
  Command missing;
  missing.program = "/nowhere/program";
  (void)output_of(missing);
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace forecourt::sandbox
