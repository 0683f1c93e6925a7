// The process of an isolated plugin dies in every way, again and again, under a load on the others.

#include <chrono>
#include <fstream>
#include <thread>
#include <vector>

#include "e2e/support/scene.hpp"
#include "faults/support/bystanders.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

class PluginCrash : public testing::Test {
 protected:
  /// An isolated plugin that may crash as often as it likes, beside one in process and one isolated.
  void start() {
    std::ofstream(host_.manifests() / "crashes.json")
        << R"({"manifest":1,"plugin":"crashes","mode":"isolated","path":")"
        << FORECOURT_BINARY_DIR "/fixtures/crashes"
        << R"(","limits":{"crashes_max":1000000,"crash_window_ms":1},)"
        << R"("grants":{"services":["fc.http/1","fc.sql/1","fc.events/1","fc.config/1"]}})";
    host_.start();
    ASSERT_NE(host_.port(), 0) << host_.output();
  }
  /// How the others were served meanwhile: each request, and rightly.
  static std::map<std::string, Bystanders::Served> served_while(Bystanders& others,
                                                                const std::function<void()>& work) {
    others.start();
    work();
    auto all = others.stop();
    for (const auto& [id, served] : all) {
      EXPECT_GT(served.answered, 0) << id;
      EXPECT_EQ(served.failed, 0) << id << ": " << served.first_failure;
    }
    return all;
  }

  e2e::HostProcess host_{with_bystanders()};
};

TEST_F(PluginCrash, InEveryWayFailsItsOwnCallsAlone) {
  start();
  const int64_t crashes = size(24, 1000);
  const char* const ways[] = {"segv", "abort", "exit", "smash"};
  std::vector<int64_t> recovered;
  Bystanders others(host_);
  auto quiet =
      served_while(others, [&] { std::this_thread::sleep_for(milliseconds(size(500, 10'000))); });
  HttpClient client = host_.client();
  const int64_t sibling =
      e2e::integer_of(e2e::json_of(client.get("/admin/v1/plugins/coupons")), "process");
  const std::string path = "/v1/crashes/run";
  auto beside = served_while(others, [&] {
    for (int64_t i = 0; i < crashes && !HasFatalFailure(); ++i) {
      const std::string way = ways[i % 4];
      const Answer died = client.post(path, way);
      const auto begun = steady_clock::now();
      ASSERT_EQ(died.status, 503) << way << " " << died.body;
      ASSERT_NE(died.body.find("outcome-unknown"), std::string::npos) << died.body;
      ASSERT_TRUE(e2e::eventually([&] { return client.post(path, "").body == "alive"; }, 20))
          << way;
      recovered.push_back(duration_cast<microseconds>(steady_clock::now() - begun).count());
    }
  });
  const e2e::Document plugin = e2e::json_of(client.get("/admin/v1/plugins/crashes"));
  EXPECT_EQ(e2e::integer_of(plugin, "crashes"), crashes);
  EXPECT_EQ(e2e::integer_of(e2e::json_of(client.get("/admin/v1/plugins/coupons")), "process"),
            sibling);
  const int64_t recovery_us = p99(recovered);
  if (full_size()) {
    EXPECT_LT(recovery_us, 100'000);
  }
  std::string figures = "recovery p99 " + grouped(recovery_us) + " us";
  for (const auto& [id, served] : beside)
    figures += "; " + id + " " + grouped(served.answered) + " of " +
               grouped(served.answered + served.failed) + " right, p99 " +
               grouped(p99(quiet[id].took_us)) + " us quiet, " + grouped(p99(served.took_us)) +
               " us beside";
  report(grouped(crashes) + " crashes", figures);
}

}  // namespace
}  // namespace faults
