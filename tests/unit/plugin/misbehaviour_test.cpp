// Each misbehaviour of code that runs: it costs its own call, no other.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>

#include "site.hpp"

namespace forecourt::plugin::test {
namespace {

struct Row {
  const char* fixture;
  int status;
  const char* body;  ///< part of the answer's
};

class Misbehaviour : public testing::TestWithParam<Row> {};

TEST_P(Misbehaviour, CostsItsOwnCallOnly) {
  TempFolder data;
  Site site(data.path);
  const config::Manifest manifest = manifest_for(GetParam().fixture);
  const auto applied = site.registry.apply(manifest, Cause::start);
  ASSERT_TRUE(applied) << applied.error().message;
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));

  auto exchange = site.send(manifest.plugin);
  const http::Response answer = exchange->wait();
  EXPECT_EQ(answer.status, GetParam().status) << answer.body;
  EXPECT_NE(answer.body.find(GetParam().body), std::string::npos) << answer.body;
  EXPECT_EQ(exchange->answers(), 1);
  EXPECT_EQ(site.rows(manifest.plugin), 0) << "a failed write left something behind";
  EXPECT_EQ(site.call("good").body, "one");
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Misbehaviour,
                         testing::Values(Row{"throws", 500, "internal"},
                                         Row{"garbage_status", 500, "internal"},
                                         Row{"replies_twice", 201, "second"},
                                         Row{"forgets_reply", 204, ""},
                                         Row{"writes_in_read", 500, "internal"},
                                         Row{"publishes_undeclared", 403, "forbidden"},
                                         Row{"destroys_transaction", 200, "denied"}),
                         [](const auto& row) { return std::string(row.param.fixture); });

TEST(MisbehaviourOf, AStaleHandleFindsNothing) {
  TempFolder data;
  Site site(data.path);
  ASSERT_TRUE(site.registry.apply(manifest_for("stale_handle"), Cause::start));
  EXPECT_EQ(site.call("stale-handle").body, "kept");
  EXPECT_EQ(site.call("stale-handle").body, "stale");
}

TEST(MisbehaviourOf, AHandlerPastItsDeadlineIsAnsweredUnknownAndItsLateReturnIsUndone) {
  TempFolder data;
  Site site(data.path);
  ASSERT_TRUE(site.registry.apply(manifest_for("slow"), Cause::start));
  site.timeout_ms = 100;
  auto exchange = site.send("slow");
  const http::Response answer = exchange->wait();
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("outcome-unknown"), std::string::npos) << answer.body;
  EXPECT_EQ(site.info("slow").state, "stuck");
  site.registry.stop();
  EXPECT_EQ(exchange->answers(), 1);
}

/// Runs a host of its own over `data`; its wait status and what it said.
std::pair<int, std::string> run_victim(const std::string& data, const std::string& bundle,
                                       const std::string& id) {
  const std::string command = FORECOURT_BINARY_DIR "/tests/unit/plugin/plugin_victim '" + data +
                              "' " + bundle + " " + id + " 2>/dev/null";
  FILE* const pipe = ::popen(("exec " + command).c_str(), "r");
  std::string said;
  char buffer[256];
  while (const size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) said.append(buffer, n);
  return {::pclose(pipe), said};
}

TEST(MisbehaviourOf, APluginThatCrashedTheHostStaysFailedUntilSomebodyAsks) {
  for (const char* name : {"crashing_handler", "crashing_open"}) {
    TempFolder data;
    const config::Manifest manifest = manifest_for(name);
    EXPECT_NE(run_victim(data.path, name, manifest.plugin).first, 0) << "the host did not die";
    const auto [status, said] = run_victim(data.path, name, manifest.plugin);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1) << name << ": " << status;
    EXPECT_NE(said.find("it crashed the host with SIGSEGV"), std::string::npos) << said;
  }
}

TEST(MisbehaviourOf, AnotherVersionIsNotToBlameForACrash) {
  TempFolder data;
  run_victim(data.path, "crashing_handler", "crashing-handler");
  std::filesystem::rename(data.path + "/plugins/crashing-handler", data.path + "/plugins/good");
  Site site(data.path);
  EXPECT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
}

TEST(MisbehaviourOf, APluginThatEndsTheHostWhileStartingIsGivenUpTheThirdTime) {
  TempFolder data;
  EXPECT_EQ(WEXITSTATUS(run_victim(data.path, "exiting_open", "exiting-open").first), 9);
  EXPECT_EQ(WEXITSTATUS(run_victim(data.path, "exiting_open", "exiting-open").first), 9);
  const auto [status, said] = run_victim(data.path, "exiting_open", "exiting-open");
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_NE(said.find("the host ended 2 times while it was starting"), std::string::npos) << said;
}

TEST(MisbehaviourOf, AnAdminMayTryACrashedPluginAgain) {
  TempFolder data;
  run_victim(data.path, "crashing_handler", "crashing-handler");
  Site site(data.path);
  EXPECT_FALSE(site.registry.apply(manifest_for("crashing_handler"), Cause::start));
  EXPECT_TRUE(site.registry.enable("crashing-handler"));
  EXPECT_EQ(site.info("crashing-handler").state, "running");
}

}  // namespace
}  // namespace forecourt::plugin::test
