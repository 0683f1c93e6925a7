// The power goes in the midst of redemptions and payments, and takes with it what was not synced,
// or leaves it torn: what was acknowledged is on the disk, whole and once.

#include <atomic>
#include <random>
#include <thread>

#include "faults/support/modes.hpp"
#include "faults/support/size.hpp"
#include "faults/support/till.hpp"

namespace faults {
namespace {

namespace fs = std::filesystem;

class PowerCut : public InBothModes {
 protected:
  /// What the disk holds when the power goes at some moment of the trade.
  void cut(int64_t number) {
    SCOPED_TRACE("cut " + std::to_string(number));
    const fs::path survived = folder_.path() / std::to_string(number);
    const std::string torn = number % 4 == 0 ? "" : " " + std::to_string(number);
    std::atomic<bool> stop{false};
    std::vector<std::thread> others;
    for (int t = 0; t < 3; ++t) {
      others.emplace_back([&] {
        while (!stop) till_.trade();
      });
    }
    till_.trade();
    const size_t told = till_.told();
    EXPECT_EQ(
        faulty_.order("cut " + faulty_.host().data().string() + " " + survived.string() + torn),
        "done");
    stop = true;
    for (std::thread& thread : others) thread.join();
    if (number % restart_every_ == 0) expect_host_starts(survived, told);
    till_.expect_in_files(survived, told);
    fs::remove_all(survived);
  }

  /// The real host on a copy of what survived.
  void expect_host_starts(const fs::path& survived, size_t told) {
    e2e::HostProcess host(
        {.plugins = {"payments", "membership", "coupons"}, .environment = {}, .mode = GetParam()});
    fs::create_directories(host.data());
    fs::copy(survived, host.data(), fs::copy_options::recursive);
    fs::copy(faulty_.host().data() / "secrets.key", host.data() / "secrets.key");
    host.start();
    ASSERT_NE(host.port(), 0) << host.output();
    till_.expect_again(host, told);
  }

  const int64_t restart_every_ = size(6, 25);
  e2e::TempFolder folder_;
  FaultyScene faulty_{{.mode = GetParam()}};
  Till till_{faulty_};
};

TEST_P(PowerCut, IsNoticedOnADiskThatForgets) {
  till_.stock(10);
  ASSERT_EQ(faulty_.order("disk sync 1 forgets always"), "done");
  for (int i = 0; i < 10; ++i) till_.trade();
  const fs::path survived = folder_.path() / "forgotten";
  ASSERT_EQ(faulty_.order("cut " + faulty_.host().data().string() + " " + survived.string()),
            "done");
  EXPECT_GT(till_.lost_in_files(survived, till_.told()), 0) << "these tests cannot fail";
  report("the harness itself");
}

TEST_P(PowerCut, LosesNothingAcknowledgedAndTearsNothing) {
  const int64_t cuts = size(12, 500);
  for (int64_t number = 1; number <= cuts && !HasFailure(); ++number) {
    if (till_.left() < 500) till_.stock(size(500, 2'000));
    cut(number);
  }
  report(grouped(cuts) + " power cuts, 3 of 4 torn",
         grouped(till_.acknowledged()) + " acknowledged");
}

FAULTS_IN_BOTH_MODES(PowerCut);

}  // namespace
}  // namespace faults
