#include "unit/jobs/jobs_fixture.hpp"

namespace forecourt::jobs::test {
namespace {

class Schedule : public Jobs {
 protected:
  /// Jobs of this key fail until `healthy`.
  void fail_key(const std::string& key) {
    recorder->on_handle = [this, key](Session&, const Job& job) -> Result<void> {
      if (job.key != key || healthy) return {};
      ++failures;
      return Error{Code::conflict, "no stock"};
    };
  }
  std::atomic<bool> healthy{false};
  std::atomic<int> failures{0};
};

TEST_F(Schedule, RunsNothingBeforeItsTime) {
  start();
  plan(job("c-1", 60'000));
  advance_and_drain(59'999);
  EXPECT_TRUE(ran().empty());
  advance_and_drain(1);
  EXPECT_EQ(ran(), Names{"expire/c-1"});
  EXPECT_TRUE(waiting().empty());
  advance_and_drain(60'000);
  EXPECT_EQ(recorder->handled, 1);
}

TEST_F(Schedule, RunsInDueOrder) {
  plan(job("third", 300));
  plan(job("first", 100));
  plan(job("second", 200));
  plan(job("also second", 200));
  start();
  advance_and_drain(1000);
  EXPECT_EQ(ran(), (Names{"expire/first", "expire/second", "expire/also second", "expire/third"}));
}

TEST_F(Schedule, RunsMoreThanABatch) {
  Names expected;
  for (int i = 0; i < 300; ++i) {
    plan(job("c-" + std::to_string(i), i));
    expected.push_back("expire/c-" + std::to_string(i));
  }
  start();
  advance_and_drain(1000);
  EXPECT_EQ(ran(), expected);
}

TEST_F(Schedule, WhatIsPlannedWhileItRunsIsFoundWithoutAPoll) {
  start();
  drain();
  plan(job("now", 0));
  drain();
  EXPECT_EQ(ran(), Names{"expire/now"});
}

TEST_F(Schedule, TheRealClockNeedsNoPoll) {
  SystemClock real;
  Scheduler own(real, workers);
  own.attach("coupons", store.get(), recorder);
  Job soon = job("soon", 0);
  soon.due_ms = real.now_ms() + 50;
  plan(soon);
  own.notify("coupons");
  EXPECT_TRUE(eventually([this] { return !ran().empty(); }));
}

TEST_F(Schedule, ACancelledJobDoesNotRun) {
  start();
  plan(job("c-1", 1000));
  ASSERT_TRUE(cancel("c-1").ok());
  advance_and_drain(1000);
  EXPECT_TRUE(ran().empty());
}

TEST_F(Schedule, AJobThatPlansItselfAgainSurvives) {
  recorder->on_handle = [this](Session& session, const Job& done) -> Result<void> {
    Job next = done;
    next.due_ms = done.due_ms + 1000;
    return jobs::schedule(session, next);
  };
  start();
  plan(job("daily", 1000));
  for (int i = 1; i <= 3; ++i) {
    advance_and_drain(1000);
    EXPECT_EQ(ran().size(), static_cast<size_t>(i));
    EXPECT_EQ(waiting(), Names{"daily"});
  }
}

TEST_F(Schedule, AFailedJobThatPlannedItselfAgainKeepsItsOldPlanOnly) {
  recorder->on_handle = [this](Session& session, const Job& done) -> Result<void> {
    Job next = done;
    next.due_ms = done.due_ms + k_ten_years_ms;
    Result<void> planned = jobs::schedule(session, next);
    if (!planned || healthy) return planned;
    return Error{Code::conflict, "after planning"};
  };
  start();
  plan(job("daily", 0));
  drain();
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].reason, "after planning");
  EXPECT_EQ(waiting(), Names{"daily"});
  healthy = true;
  advance_and_drain(1000);
  EXPECT_EQ(ran(), Names{"expire/daily"});
  EXPECT_EQ(waiting(), Names{"daily"});
}

TEST_F(Schedule, AJobPlannedAnewWhileTheOldPlanIsQueuedRunsAsPlannedAnew) {
  Gate gate;
  recorder->on_prepare = [&](const Job& job) -> Result<void> {
    if (job.payload == "old") gate.pass();
    return {};
  };
  start();
  plan(job("c-1", 0, "old"));
  ASSERT_TRUE(gate.wait_for_arrival());
  plan(job("c-1", 0, "new"));
  gate.open();
  drain();
  EXPECT_EQ(column("SELECT payload FROM ran"), Names{"new"});
}

TEST_F(Schedule, FailuresAreRetriedWithBackoff) {
  fail_key("bad");
  start();
  plan(job("bad", 0));
  plan(job("good", 0));
  drain();
  EXPECT_EQ(ran(), Names{"expire/good"});
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].state, "waiting");
  EXPECT_EQ(parked()[0].attempts, 1);
  EXPECT_EQ(parked()[0].reason, "no stock");
  advance_and_drain(999);
  EXPECT_EQ(failures, 1);
  advance_and_drain(1);
  EXPECT_EQ(failures, 2);
  advance_and_drain(1999);
  EXPECT_EQ(failures, 2);
  healthy = true;
  advance_and_drain(1);
  EXPECT_EQ(ran(), (Names{"expire/good", "expire/bad"}));
  EXPECT_TRUE(parked().empty());
}

TEST_F(Schedule, ParksAfterTheLastFailureUntilAnAdminReplays) {
  fail_key("bad");
  events::RetryPolicy policy;
  policy.failures_max = 2;
  start(policy);
  plan(job("bad", 0));
  drain();
  advance_and_drain(1000);
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].state, "parked");
  advance_and_drain(k_ten_years_ms);
  EXPECT_EQ(failures, 2);

  EXPECT_EQ(scheduler->replay("coupons", "expire", "bad").error().message, "no stock");
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].attempts, 3);
  healthy = true;
  ASSERT_TRUE(scheduler->replay("coupons", "expire", "bad").ok());
  EXPECT_EQ(ran(), Names{"expire/bad"});
  EXPECT_TRUE(parked().empty());
  EXPECT_EQ(scheduler->replay("coupons", "expire", "bad").error().code, Code::not_found);
}

TEST_F(Schedule, AParkedJobDoesNotStandInTheWayOfANewPlan) {
  fail_key("bad");
  events::RetryPolicy policy;
  policy.failures_max = 1;
  start(policy);
  plan(job("bad", 0));
  drain();
  healthy = true;
  plan(job("bad", 0));
  drain();
  EXPECT_EQ(ran(), Names{"expire/bad"});
  EXPECT_EQ(parked().size(), 1u);
}

TEST_F(Schedule, DropEndsAParkedJobForGood) {
  fail_key("bad");
  events::RetryPolicy policy;
  policy.failures_max = 1;
  start(policy);
  plan(job("bad", 0));
  drain();
  EXPECT_EQ(scheduler->drop("coupons", "expire", "other").error().code, Code::not_found);
  ASSERT_TRUE(scheduler->drop("coupons", "expire", "bad").ok());
  EXPECT_TRUE(parked().empty());
  EXPECT_TRUE(ran().empty());
}

TEST_F(Schedule, AFailedPrepareIsAnAttempt) {
  recorder->on_prepare = [this](const Job&) -> Result<void> {
    if (healthy) return {};
    return Error{Code::unavailable, "the bank does not answer"};
  };
  start();
  plan(job("c-1", 0));
  drain();
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].attempts, 1);
  EXPECT_EQ(parked()[0].reason, "the bank does not answer");
  EXPECT_EQ(recorder->handled, 0);
  healthy = true;
  advance_and_drain(1000);
  EXPECT_EQ(ran(), Names{"expire/c-1"});
}

TEST_F(Schedule, AJobThatDestroysTheTransactionFailsAlone) {
  recorder->on_handle = [](Session& session, const Job& job) -> Result<void> {
    if (job.key == "bad") {
      (void)session.execute("INSERT OR ROLLBACK INTO ran(position) SELECT 1 UNION ALL SELECT 1");
    }
    return {};
  };
  start();
  plan(job("a", 0));
  plan(job("bad", 1));
  plan(job("b", 2));
  advance_and_drain(10);
  EXPECT_EQ(ran(), (Names{"expire/a", "expire/b"}));
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].attempts, 1);
}

TEST_F(Schedule, AClockTenYearsAheadRunsWhatIsDueOnceAndNothingTwice) {
  start();
  plan(job("soon", 60'000));
  jump_and_drain(k_ten_years_ms);
  EXPECT_EQ(ran(), Names{"expire/soon"});
  jump_and_drain(-k_ten_years_ms);
  advance_and_drain(60'000);
  EXPECT_EQ(recorder->handled, 1);
}

TEST_F(Schedule, AClockTenYearsBackRunsNothingEarlyAndKeepsRetries) {
  fail_key("bad");
  start();
  plan(job("bad", 0));
  plan(job("later", 60'000));
  drain();
  healthy = true;
  jump_and_drain(-k_ten_years_ms);
  EXPECT_EQ(ran(), Names{"expire/bad"}) << "a retry does not wait ten years for its second";
  EXPECT_EQ(waiting(), Names{"later"});
  jump_and_drain(k_ten_years_ms);
  advance_and_drain(60'000);
  EXPECT_EQ(ran(), (Names{"expire/bad", "expire/later"}));
}

TEST_F(Schedule, StopInTheMiddleLosesAndRepeatsNothing) {
  for (int i = 0; i < 300; ++i) plan(job("c-" + std::to_string(i), 0));
  start();
  ASSERT_TRUE(eventually([this] { return recorder->handled > 20; }));
  scheduler->stop();
  EXPECT_EQ(ran().size() + waiting().size(), 300u);
  scheduler.reset();
  start();
  drain();
  EXPECT_EQ(ran().size(), 300u);
  EXPECT_EQ(recorder->handled, 300);
}

TEST_F(Schedule, DetachWaitsForWhatIsInFlight) {
  Gate gate;
  recorder->on_handle = [&gate](Session&, const Job&) -> Result<void> {
    gate.pass();
    return {};
  };
  start();
  plan(job("c-1", 0));
  ASSERT_TRUE(gate.wait_for_arrival());
  std::atomic<bool> detached{false};
  std::thread admin([&] {
    scheduler->detach("coupons");
    detached = true;
  });
  EXPECT_FALSE(detached);
  gate.open();
  admin.join();
  EXPECT_EQ(ran(), Names{"expire/c-1"});
  EXPECT_EQ(recorder.use_count(), 1);
  EXPECT_EQ(scheduler->parked("coupons").error().code, Code::not_found);
}

TEST_F(Schedule, TellsOfCommits) {
  std::atomic<int> told{0};
  scheduler = std::make_unique<Scheduler>(clock, workers);
  scheduler->on_commit([&told](const std::string& plugin) { told += plugin == "coupons" ? 1 : 0; });
  scheduler->attach("coupons", store.get(), recorder);
  plan(job("c-1", 0));
  drain();
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace forecourt::jobs::test
