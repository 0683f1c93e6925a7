#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandboxed.hpp"

namespace forecourt::sandbox {
namespace {

/// As root, as an ordinary user: what a plugin needs works both ways.
class Work : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (is_root() || std::string(GetParam()) == "all") return;
    GTEST_SKIP() << "only root can become another user";
  }
  Outcome run(const std::vector<std::string>& attempt, const std::vector<int>& descriptors = {}) {
    if (std::string(GetParam()) == "nobody") boxed_.start_as_nobody();
    return boxed_.run(attempt, GetParam(), nullptr, descriptors);
  }
  Sandboxed boxed_;
};
INSTANTIATE_TEST_SUITE_P(StartedAs, Work, testing::Values("all", "nobody"));

TEST_P(Work, KeepsAStoreInItsOwnFolder) {
  const Outcome outcome = run({"database", boxed_.own() + "/store.db"});
  EXPECT_TRUE(outcome.done && outcome.said == "10 rows") << outcome.text();
}

TEST_P(Work, SortsAndVacuumsMoreThanFitsIntoMemory) {
  const Outcome outcome = run({"spill", boxed_.own() + "/store.db"});
  EXPECT_TRUE(outcome.done && outcome.said == "2000 rows") << outcome.text();
}

TEST_P(Work, LoadsALibraryFromAReadOnlyFolder) {
  const Outcome outcome = run({"load", SANDBOX_BUNDLE "/sandbox_library.so"});
  EXPECT_TRUE(outcome.done && outcome.said == "5050") << outcome.text();
}

TEST_P(Work, RunsThreads) {
  const Outcome outcome = run({"threads"});
  EXPECT_TRUE(outcome.done && outcome.said == "16") << outcome.text();
}

TEST_P(Work, PollsEventsAndTimers) {
  const Outcome outcome = run({"polling"});
  EXPECT_TRUE(outcome.done) << outcome.text();
}

TEST_P(Work, MovesItsOwnFilesAbout) {
  const Outcome outcome = run({"files", boxed_.own()});
  EXPECT_TRUE(outcome.done) << outcome.text();
}

TEST_P(Work, ReadsTimeZonesAndDevices) {
  const Outcome outcome = run({"system-files"});
  EXPECT_TRUE(outcome.done && outcome.said == "8") << outcome.text();
}

TEST_P(Work, AnswersOverTheDescriptorItWasGiven) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
  ASSERT_EQ(::send(ends[0], "hello", 5, 0), 5);
  const Outcome outcome = run({"talk"}, {ends[1]});
  EXPECT_TRUE(outcome.done) << outcome.text();
  char buffer[16];
  EXPECT_EQ(::recv(ends[0], buffer, sizeof buffer, MSG_DONTWAIT), 5);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_P(Work, EndsByItsOwnAbort) {
  const Outcome outcome = run({"abort"});
  EXPECT_EQ(outcome.exit.signal, SIGABRT) << outcome.text();
}

}  // namespace
}  // namespace forecourt::sandbox
