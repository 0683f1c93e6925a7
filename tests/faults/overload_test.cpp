// Ten times what the host takes at once: it does as much as before, turns the rest away with 429
// and 503, does not grow, and is itself again within two seconds. How fast it is depends on the
// machine, so only the full size asks for it.

#include <algorithm>
#include <chrono>

#include "e2e/support/scene.hpp"
#include "faults/support/load.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

/// What the gateway lets handlers work on at once.
constexpr int k_in_flight = 1'024;

class Overload : public testing::Test {
 protected:
  std::string issue() {
    const std::string n = std::to_string(next_++);
    const std::string body = "{\"member_id\":\"m-" + n + "\",\"source_id\":\"load-" + n + "\"}";
    return "POST /v1/coupons/batches/" + scene_.batch +
           "/issue HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + e2e::k_admin_key +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }
  Load offer(int connections, const std::function<void()>& tick = {}) {
    return closed_loop(
        scene_.host.port(), connections, static_cast<double>(size(2, 10)),
        [this] { return issue(); }, tick);
  }
  /// Until ten calls in a row are done.
  double seconds_to_recover() {
    const auto begun = std::chrono::steady_clock::now();
    e2e::HttpClient client = scene_.host.client();
    int good = 0;
    EXPECT_TRUE(e2e::eventually([&] {
      const std::string n = std::to_string(next_++);
      const auto answer =
          client.post("/v1/coupons/batches/" + scene_.batch + "/issue",
                      "{\"member_id\":\"m-" + n + "\",\"source_id\":\"load-" + n + "\"}");
      good = answer.status == 201 ? good + 1 : 0;
      return good == 10;
    }));
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  }

  const int64_t descriptors_ = allow_descriptors(2 * 10 * k_in_flight + 1'000);
  e2e::Scene scene_{
      {.plugins = {"payments", "coupons"}, .environment = {{"FORECOURT_ACCESS_LOG", "off"}}}};
  int64_t next_ = 0;
};

TEST_F(Overload, TurnsAwayWhatIsTooMuchAndDoesTheRest) {
  const int wanted = static_cast<int>(size(2, 10)) * k_in_flight;
  const int connections = std::min(wanted, static_cast<int>(descriptors_ / 2 - 500));
  const Load peak = offer(k_in_flight / 8);
  EXPECT_EQ(peak.statuses.size(), 1u) << peak.text();

  const double before = resident_mib(scene_.host.pid());
  std::vector<double> resident;
  const Load over =
      offer(connections, [&] { resident.push_back(resident_mib(scene_.host.pid())); });
  const double recovered = seconds_to_recover();
  for (const auto& [status, times] : over.statuses)
    EXPECT_TRUE(status / 100 == 2 || status == 429 || status == 503) << over.text();
  EXPECT_GT(over.good(), 0);
  ASSERT_GE(resident.size(), 4u);
  const double middle = resident[resident.size() / 2];
  EXPECT_LT(resident.back(), middle * 1.25 + 16) << "it grows for as long as the load lasts";

  const double goodput = over.good_per_s() / peak.good_per_s();
  if (full_size()) {
    EXPECT_GE(goodput, 0.9);
    EXPECT_LE(recovered, 2.0);
  }
  char figures[200];
  std::snprintf(figures, sizeof figures,
                "goodput %.2f of %.0f/s, recovered in %.2f s, RSS %.0f before, %.0f, %.0f MiB; ",
                goodput, peak.good_per_s(), recovered, before, middle, resident.back());
  report(grouped(connections) + " connections", figures + over.text());
}

}  // namespace
}  // namespace faults
