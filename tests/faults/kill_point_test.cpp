// kill -9 of whoever is about to do the nth operation on the disk, up to the first run that needs
// fewer: the host, or the process of an isolated plugin between its commit and its answer. What is
// said of such a write, and what is found of it, are the same.

#include "faults/support/modes.hpp"
#include "faults/support/plugin_process.hpp"
#include "faults/support/size.hpp"
#include "faults/support/till.hpp"

namespace faults {
namespace {

constexpr const char* k_operations[] = {"write", "sync", "lock", "read", "shm", "truncate"};

class KillPoint : public InBothModes {
 protected:
  /// False when the request needed fewer operations.
  bool run(const char* operation, int64_t nth, void (Till::*request)()) {
    SCOPED_TRACE(operation + (" " + std::to_string(nth)));
    const int64_t before = faulty_.number("failures");
    const int64_t crashed = crashes();
    EXPECT_EQ(
        faulty_.order(std::string("disk ") + operation + " " + std::to_string(nth) + " kills once"),
        "done");
    (till_.*request)();
    const int64_t failures = faulty_.number("failures") - before;
    (void)faulty_.order("heal");
    // Whoever was to die is counted a moment before it does.
    bool host_died = false;
    bool process_died = false;
    const bool over = e2e::eventually([&] {
      host_died = faulty_.revive();
      process_died = !host_died && crashes() > crashed;
      return host_died || process_died || failures == 0;
    });
    EXPECT_TRUE(over) << "nobody died";
    till_.expect_truth();
    hosts_ += host_died ? 1 : 0;
    processes_ += process_died ? 1 : 0;
    return host_died || process_died;
  }

  int64_t crashes() {
    if (GetParam() != std::string("isolated")) return 0;
    int64_t all = 0;
    for (const char* plugin : {"payments", "membership", "coupons"})
      all += crashes_of(faulty_.host(), plugin);
    return all;
  }

  FaultyScene faulty_{{.mode = GetParam(), .may_crash = true}};
  Till till_{faulty_};
  int64_t hosts_ = 0;
  int64_t processes_ = 0;
};

TEST_P(KillPoint, NoOperationOnTheDiskIsABadMomentToDie) {
  const int64_t nth_max = size(1, 1'000);
  for (const char* operation : k_operations) {
    for (const auto request : {&Till::redeem, &Till::pay}) {
      till_.stock(size(4, 200));
      int64_t nth = 1;
      while (nth <= nth_max && run(operation, nth, request) && !HasFailure()) ++nth;
      if (full_size()) {
        EXPECT_LE(nth, nth_max) << "no run needed fewer operations: " << operation;
      }
    }
  }
  const bool isolated = GetParam() == std::string("isolated");
  EXPECT_GT(isolated ? processes_ : hosts_, 0) << "nothing was ever killed";
  EXPECT_GT(till_.acknowledged(), 0);
  faulty_.host().kill();
  till_.expect_in_files(faulty_.host().data(), till_.told());
  report(grouped(hosts_) + " kills of the host, " + grouped(processes_) + " of a plugin's process");
}

FAULTS_IN_BOTH_MODES(KillPoint);

}  // namespace
}  // namespace faults
