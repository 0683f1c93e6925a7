// Every nth operation on the disk fails, once and until the disk is well again, up to the first run
// that needs fewer: no false answer, nothing acknowledged lost, nothing doubled, and the host
// recovers by itself. Opening a store on such a disk: tests/unit/storage/io_failure_test.cpp.

#include "faults/support/modes.hpp"
#include "faults/support/size.hpp"
#include "faults/support/till.hpp"

namespace faults {
namespace {

struct Failure {
  const char* operation;
  const char* fault;
  bool reopens = false;  ///< a sync fails, too: then the database is opened again
};

constexpr Failure k_failures[] = {
    {"write", "EIO"},        {"write", "ENOSPC"},      {"write", "short"},   {"sync", "EIO"},
    {"sync", "ENOSPC"},      {"lock", "EIO"},          {"shm", "EIO"},       {"shm", "ENOSPC"},
    {"read", "EIO"},         {"truncate", "EIO"},      {"delete", "EIO"},    {"open", "EIO", true},
    {"read", "EIO", true},   {"lock", "EIO", true},    {"shm", "EIO", true}, {"write", "EIO", true},
    {"delete", "EIO", true}, {"truncate", "EIO", true}};

class Disk : public InBothModes {
 protected:
  /// A redemption and a payment with the nth operation failing. False when it was not reached.
  bool trade_on_bad_disk(const Failure& failure, int64_t nth, bool always) {
    const std::string which = std::string(failure.operation) + " " + std::to_string(nth) + " " +
                              failure.fault + (always ? " always" : " once");
    SCOPED_TRACE(which + (failure.reopens ? " after a failed sync" : ""));
    const int64_t before = faulty_.number("failures");
    EXPECT_EQ(faulty_.order("disk " + which), "done");
    if (failure.reopens) {
      EXPECT_EQ(faulty_.order("disk sync 1 EIO once"), "done");
    }
    till_.trade();
    const int64_t failed = faulty_.number("failures") - before - (failure.reopens ? 1 : 0);
    EXPECT_EQ(faulty_.order("heal"), "done");
    EXPECT_FALSE(faulty_.revive()) << "the host died";
    till_.expect_truth();
    ++runs_;
    return failed > 0;
  }

  FaultyScene faulty_{{.mode = GetParam()}};
  Till till_{faulty_};
  int64_t runs_ = 0;
};

TEST_P(Disk, NeverMakesTheHostAnswerFalsely) {
  const int64_t nth_max = size(2, 1'000);
  int64_t deepest = 0;
  for (const Failure& failure : k_failures) {
    for (const bool always : {false, true}) {
      till_.stock(size(4, 200));
      int64_t nth = 1;
      while (nth <= nth_max && trade_on_bad_disk(failure, nth, always) && !HasFailure()) ++nth;
      if (full_size()) {
        EXPECT_LE(nth, nth_max) << "no run needed fewer operations: " << failure.operation;
      }
      deepest = std::max(deepest, nth);
    }
  }
  EXPECT_GT(deepest, 1) << "nothing ever failed";
  EXPECT_GT(till_.acknowledged(), 0);
  const int64_t failures = faulty_.number("failures");
  faulty_.host().kill();
  till_.expect_in_files(faulty_.host().data(), till_.told());
  report(grouped(runs_) + " runs, " + grouped(failures) + " failures");
}

FAULTS_IN_BOTH_MODES(Disk);

}  // namespace
}  // namespace faults
