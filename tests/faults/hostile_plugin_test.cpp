// A plugin whose handler never returns, and one that allocates without end: their own callers are
// told the truth, everybody else is served. Plugins that crash, and poisoned events and jobs:
// tests/unit/plugin, tests/unit/events, tests/unit/jobs.

#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "e2e/support/scene.hpp"
#include "faults/support/load.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;

class HostilePlugin : public testing::Test {
 protected:
  void start_with(const std::string& id, const std::string& bundle) {
    std::ofstream(host_.manifests() / (id + ".json"))
        << R"({"manifest":1,"plugin":")" << id << R"(","path":")"
        << FORECOURT_BINARY_DIR "/fixtures/" + bundle
        << R"(","grants":{"services":["fc.http/1","fc.sql/1","fc.events/1","fc.config/1"]}})";
    host_.start();
    ASSERT_NE(host_.port(), 0) << host_.output();
  }
  void expect_others_are_served() {
    HttpClient client = host_.client();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("/v1/hello").status, 200);
  }

  e2e::HostProcess host_{{.plugins = {"hello"}, .environment = {{"FORECOURT_GRACE_MS", "500"}}}};
};

TEST_F(HostilePlugin, ThatNeverReturnsKeepsOnlyItsOwnCallers) {
  start_with("never-returns", "never_returns");
  Answer first;
  std::thread caller([&] { first = host_.client().post("/v1/never-returns/run", ""); });
  for (int i = 0; i < 10; ++i) expect_others_are_served();
  caller.join();
  EXPECT_EQ(first.status, 503) << first.body;
  EXPECT_NE(first.body.find("outcome-unknown"), std::string::npos) << first.body;
  HttpClient client = host_.client();
  EXPECT_EQ(client.post("/v1/never-returns/run", "").status, 503) << "nobody waits behind it";
  Answer ready;
  EXPECT_TRUE(e2e::eventually([&] { return (ready = client.get("/readyz")).status == 503; }));
  EXPECT_NE(ready.body.find("never-returns"), std::string::npos) << ready.body;
  expect_others_are_served();
  report("one handler");
}

TEST_F(HostilePlugin, ThatAllocatesWithoutEndTakesNobodyWithIt) {
#ifdef FORECOURT_SANITIZED
  GTEST_SKIP() << "a sanitizer's shadow does not fit under a limit of the address space";
#endif
  start_with("hoards", "hoards");
  const double before = resident_mib(host_.pid());
  const rlimit limit{1'500'000'000, 1'500'000'000};
  ASSERT_EQ(::prlimit(host_.pid(), RLIMIT_AS, &limit, nullptr), 0);
  HttpClient client = host_.client();
  const int64_t times = size(1, 10);
  for (int64_t i = 0; i < times; ++i) {
    Answer refused;
    std::thread caller([&] { refused = host_.client().post("/v1/hoards/run", ""); });
    expect_others_are_served();
    caller.join();
    EXPECT_GE(refused.status, 400) << refused.body;
  }
  expect_others_are_served();
  EXPECT_TRUE(e2e::eventually([&] { return resident_mib(host_.pid()) < before + 100; }))
      << "it gave the memory back";
  report(grouped(times) + " times 1.5 GB");
}

}  // namespace
}  // namespace faults
