// The process of an isolated plugin dies in every way, again and again, under a load on the others.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>
#include <vector>

#include "e2e/support/scene.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

using e2e::Answer;
using e2e::HttpClient;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

int64_t p99(std::vector<int64_t>& values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() * 99 / 100];
}

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

  /// A steady load on another plugin until `done`; the latencies in microseconds.
  std::vector<int64_t> load(const std::atomic<bool>& done) {
    std::vector<int64_t> took;
    HttpClient client = host_.client();
    while (!done) {
      const auto begun = steady_clock::now();
      if (client.get("/v1/hello?name=Ada").status != 200) ++failed_;
      took.push_back(duration_cast<microseconds>(steady_clock::now() - begun).count());
      std::this_thread::sleep_until(begun + milliseconds(2));
    }
    return took;
  }
  int64_t p99_while(const std::function<void()>& work) {
    std::atomic<bool> done{false};
    std::vector<int64_t> took;
    std::thread client([&] { took = load(done); });
    work();
    done = true;
    client.join();
    return p99(took);
  }

  e2e::HostProcess host_{{.plugins = {"hello"}, .environment = {{"FORECOURT_LOG_LEVEL", "off"}}}};
  std::atomic<int64_t> failed_{0};
};

TEST_F(PluginCrash, InEveryWayFailsItsOwnCallsAlone) {
  start();
  const int64_t crashes = size(24, 1000);
  const char* const ways[] = {"segv", "abort", "exit", "smash"};
  std::vector<int64_t> recovered;
  const int64_t quiet_us =
      p99_while([&] { std::this_thread::sleep_for(milliseconds(size(500, 10'000))); });
  HttpClient client = host_.client();
  const std::string path = "/v1/crashes/run";
  const int64_t crashing_us = p99_while([&] {
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
  EXPECT_EQ(failed_, 0);
  const e2e::Document plugin = e2e::json_of(client.get("/admin/v1/plugins/crashes"));
  EXPECT_EQ(e2e::integer_of(plugin, "crashes"), crashes);
  const int64_t recovery_us = p99(recovered);
  if (full_size()) EXPECT_LT(recovery_us, 100'000);
  report(grouped(crashes) + " crashes", "recovery p99 " + grouped(recovery_us) +
                                            " us; others p99 " + grouped(quiet_us) + " us quiet, " +
                                            grouped(crashing_us) + " us beside");
}

}  // namespace
}  // namespace faults
