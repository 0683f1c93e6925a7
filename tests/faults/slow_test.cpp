// Thousands of clients that send a byte now and then, and thousands that ask and never read, beside
// ordinary ones: those are served as if nobody else was there, and the host does not grow without
// end.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "e2e/support/scene.hpp"
#include "faults/support/load.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

constexpr std::string_view k_slow_head =
    "GET /v1/hello HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaa";
constexpr std::string_view k_large_answer = "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";

/// MiB that an address sanitizer keeps of what was freed.
#ifdef FORECOURT_SANITIZED
constexpr double k_kept_when_freed = 256;
#else
constexpr double k_kept_when_freed = 0;
#endif

class SlowClients : public testing::Test {
 protected:
  ~SlowClients() override {
    for (const int fd : senders_) ::close(fd);
    for (const int fd : readers_) ::close(fd);
  }
  Load ordinary(const std::function<void()>& tick = {}) {
    return closed_loop(
        host_.port(), 16, static_cast<double>(size(1, 10)),
        [] {
          return std::string("GET /v1/hello HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ") +
                 e2e::k_admin_key + "\r\n\r\n";
        },
        tick);
  }
  /// Everyone sends one byte more; who was cut off comes again.
  void dribble() {
    for (int& fd : senders_) {
      if (::send(fd, &k_slow_head[at_ % k_slow_head.size()], 1, MSG_NOSIGNAL) == 1) continue;
      ::close(fd);
      fd = connect_to(host_.port());
      ++cut_off_;
    }
    ++at_;
  }

  const int64_t each_ = std::min(size(200, 5'000), allow_descriptors(25'000) / 4);
  e2e::HostProcess host_{
      {.plugins = {"hello", "payments", "coupons", "membership", "community"},
       .environment = {{"FORECOURT_ACCESS_LOG", "off"}, {"FORECOURT_CONNECTIONS", "12000"}}}};
  std::vector<int> senders_;
  std::vector<int> readers_;
  size_t at_ = 0;
  int64_t cut_off_ = 0;
};

TEST_F(SlowClients, TakeNothingFromTheOthers) {
  host_.start();
  ASSERT_NE(host_.port(), 0) << host_.output();
  const Load alone = ordinary();
  EXPECT_EQ(alone.statuses.size(), 1u) << alone.text();
  const double before = resident_mib(host_.pid());

  for (int64_t i = 0; i < each_; ++i) {
    senders_.push_back(connect_to(host_.port()));
    readers_.push_back(connect_to(host_.port(), 4'096));
    for (int times = 0; times < 4; ++times)
      ::send(readers_.back(), k_large_answer.data(), k_large_answer.size(), MSG_NOSIGNAL);
  }
  if (!full_size()) {
    // Under sanitizers the large answers alone keep the host busy for seconds.
    e2e::HttpClient client = host_.client();
    EXPECT_TRUE(e2e::eventually([&] { return client.get("/v1/hello").status == 200; }));
  }
  int64_t ticks = 0;
  double largest = 0;
  const Load beside = ordinary([&] {
    if (ticks++ % 10 == 0) dribble();
    largest = std::max(largest, resident_mib(host_.pid()));
  });
  EXPECT_EQ(beside.statuses.size(), 1u) << beside.text();
  EXPECT_TRUE(beside.statuses.contains(200)) << beside.text();
  // 64 MiB of unsent answers and what ten thousand connections cost.
  EXPECT_LT(largest, before + 64 + 0.04 * static_cast<double>(2 * each_) + 64 + k_kept_when_freed);
  char figures[200];
  std::snprintf(
      figures, sizeof figures,
      "p99 %.1f ms beside them, %.1f alone; %.0f of %.0f/s; RSS %.0f, %.0f MiB; %lld cut off",
      static_cast<double>(beside.p99_us) / 1e3, static_cast<double>(alone.p99_us) / 1e3,
      beside.good_per_s(), alone.good_per_s(), before, largest, static_cast<long long>(cut_off_));
  report(grouped(each_) + " slow senders, " + grouped(each_) + " slow readers", figures);
}

}  // namespace
}  // namespace faults
