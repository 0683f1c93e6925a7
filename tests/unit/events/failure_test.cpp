#include "unit/events/events_fixture.hpp"

namespace forecourt::events::test {
namespace {

class Failure : public Events {
 protected:
  /// Events of this subject fail until `healthy`.
  void fail_subject(const std::string& subject) {
    recorder->on_handle = [this, subject](Session&, const Event& event) -> Result<void> {
      if (event.subject != subject || healthy) return {};
      ++failures;
      return Error{Code::conflict, "no card stock"};
    };
  }
  RetryPolicy policy(int failures_max) {
    RetryPolicy policy;
    policy.failures_max = failures_max;
    return policy;
  }
  std::string states() {
    std::string all;
    for (const Parked& row : parked()) all += row.state + " ";
    return all;
  }

  std::atomic<bool> healthy{false};
  std::atomic<int> failures{0};
};

TEST_F(Failure, AFailedEventLeavesNoEffectAndDoesNotStopOthers) {
  fail_subject("bad");
  start_and_subscribe();
  publish({"a", "bad", "b"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"a", "b"}));
  EXPECT_EQ(cursor(), 3);
  const std::vector<Parked> rows = parked();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].publisher, "payments");
  EXPECT_EQ(rows[0].number, 2);
  EXPECT_EQ(rows[0].type, "payments.payment.verified");
  EXPECT_EQ(rows[0].subject, "bad");
  EXPECT_EQ(rows[0].state, "retrying");
  EXPECT_EQ(rows[0].attempts, 1);
  EXPECT_EQ(rows[0].due_ms, clock.now_ms() + 1000);
  EXPECT_EQ(rows[0].reason, "no card stock");
}

TEST_F(Failure, RetriesComeWithBackoffAndNotBefore) {
  fail_subject("bad");
  start_and_subscribe();
  publish({"bad"});
  drain();
  advance_and_drain(999);
  EXPECT_EQ(failures, 1);
  advance_and_drain(1);
  EXPECT_EQ(failures, 2);
  advance_and_drain(1999);
  EXPECT_EQ(failures, 2);
  healthy = true;
  advance_and_drain(1);
  EXPECT_EQ(seen(), Subjects{"bad"});
  EXPECT_TRUE(parked().empty());
}

TEST_F(Failure, ARetryIsNotLostWhenTheClockIsSetBackTenYears) {
  fail_subject("bad");
  start_and_subscribe();
  publish({"bad"});
  drain();
  healthy = true;
  clock.set_ms(clock.now_ms() - 10ll * 365 * 86'400'000);
  dispatcher->poll();
  drain();
  EXPECT_EQ(seen(), Subjects{"bad"});
}

TEST_F(Failure, ParksAfterTheLastFailureUntilAnAdminActs) {
  fail_subject("bad");
  start_and_subscribe(policy(2));
  publish({"bad"});
  drain();
  advance_and_drain(1000);
  EXPECT_EQ(states(), "parked ");
  EXPECT_EQ(parked()[0].attempts, 2);
  advance_and_drain(10ll * 365 * 86'400'000);
  EXPECT_EQ(failures, 2);
}

TEST_F(Failure, BlocksOnlyItsSubject) {
  fail_subject("bad");
  start_and_subscribe(policy(1));
  publish({"bad", "good", "bad", "good"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"good", "good"}));
  EXPECT_EQ(states(), "parked behind ");
  EXPECT_EQ(failures, 1) << "what waits behind is not tried";
}

TEST_F(Failure, OfAnotherPublisherTheSameSubjectPasses) {
  auto coupons = open(folder / "coupons", clock);
  fail_subject("bad");
  start(policy(1));
  dispatcher->attach_publisher("coupons", coupons.get());
  subscribe(false, {"payments.payment.verified", "coupons.coupon.redeemed"});
  publish({"bad"});
  drain();
  healthy = true;
  publish_into(*coupons, "coupons", {"bad"}, "coupons.coupon.redeemed");
  dispatcher->notify("coupons");
  drain();
  EXPECT_EQ(seen(), Subjects{"bad"});
  dispatcher->detach("coupons");
}

TEST_F(Failure, FollowersComeInOrderAfterAReplay) {
  fail_subject("bad");
  start_and_subscribe(policy(1));
  publish({"bad"});
  publish(Subjects(20, "bad"));
  drain();
  ASSERT_EQ(parked().size(), 21u);
  healthy = true;
  ASSERT_TRUE(dispatcher->replay("membership", "payments", 1).ok());
  drain();
  EXPECT_TRUE(parked().empty());
  std::vector<int64_t> order;
  read(*membership, [&order](Session& session) -> Result<void> {
    Result<storage::Rows> rows = session.query("SELECT number FROM seen ORDER BY position");
    if (!rows) return std::move(rows).error();
    Result<std::vector<int64_t>> all =
        collect<int64_t>(*rows, [](auto columns) { return columns[0].as_integer; });
    order = *all;
    return {};
  });
  ASSERT_EQ(order.size(), 21u);
  EXPECT_TRUE(std::ranges::is_sorted(order));
}

TEST_F(Failure, AnEventThatArrivesWhileFollowersWaitStandsBehindThem) {
  fail_subject("bad");
  start_and_subscribe(policy(1));
  publish({"bad", "bad"});
  drain();
  healthy = true;
  Gate gate;
  std::atomic<bool> first{true};
  recorder->on_handle = [&](Session&, const Event& event) -> Result<void> {
    if (event.number == 2 && first.exchange(false)) gate.pass();
    return {};
  };
  ASSERT_TRUE(dispatcher->replay("membership", "payments", 1).ok());
  ASSERT_TRUE(gate.wait_for_arrival());
  publish({"bad"});
  gate.open();
  drain();
  EXPECT_EQ(number(*membership, "SELECT number FROM seen ORDER BY position LIMIT 1 OFFSET 1"), 2);
  EXPECT_EQ(number(*membership, "SELECT number FROM seen ORDER BY position LIMIT 1 OFFSET 2"), 3);
}

TEST_F(Failure, AReplayThatFailsSaysWhyAndStaysParked) {
  fail_subject("bad");
  start_and_subscribe(policy(1));
  publish({"bad"});
  drain();
  const Result<void> replayed = dispatcher->replay("membership", "payments", 1);
  ASSERT_FALSE(replayed.ok());
  EXPECT_EQ(replayed.error().message, "no card stock");
  EXPECT_EQ(states(), "parked ");
  EXPECT_EQ(parked()[0].attempts, 2);
  EXPECT_TRUE(seen().empty());
}

TEST_F(Failure, ReplayAndDropRefuseWhatIsNotThere) {
  start_and_subscribe();
  EXPECT_EQ(dispatcher->replay("membership", "payments", 7).error().code, Code::not_found);
  EXPECT_EQ(dispatcher->drop("membership", "payments", 7).error().code, Code::not_found);
  EXPECT_EQ(dispatcher->drop("nobody", "payments", 7).error().code, Code::not_found);
}

TEST_F(Failure, ReplayRefusesToOvertakeWithinASubject) {
  fail_subject("bad");
  start_and_subscribe(policy(1));
  publish({"bad", "bad"});
  drain();
  EXPECT_EQ(dispatcher->replay("membership", "payments", 2).error().code, Code::state);
}

TEST_F(Failure, DropLetsTheNextOfTheSubjectRun) {
  fail_subject("bad");
  start_and_subscribe(policy(1));
  publish({"bad", "bad", "bad"});
  drain();
  healthy = true;
  ASSERT_TRUE(dispatcher->drop("membership", "payments", 2).ok());
  drain();
  EXPECT_TRUE(seen().empty()) << "dropping a follower frees nobody";
  ASSERT_TRUE(dispatcher->drop("membership", "payments", 1).ok());
  drain();
  EXPECT_EQ(number(*membership, "SELECT number FROM seen"), 3);
  EXPECT_TRUE(parked().empty());
}

TEST_F(Failure, AReplayedEventHasItsEffectOnce) {
  fail_subject("bad");
  start_and_subscribe(policy(1));
  publish({"bad"});
  drain();
  healthy = true;
  ASSERT_TRUE(dispatcher->replay("membership", "payments", 1).ok());
  EXPECT_EQ(dispatcher->replay("membership", "payments", 1).error().code, Code::not_found);
  EXPECT_EQ(seen(), Subjects{"bad"});
}

TEST_F(Failure, SurvivesARestart) {
  fail_subject("bad");
  start_and_subscribe(policy(2));
  publish({"bad", "bad"});
  drain();
  dispatcher.reset();
  membership.reset();
  membership = open(folder / "membership", clock);
  start_and_subscribe(policy(2));
  advance_and_drain(1000);
  EXPECT_EQ(states(), "parked behind ");
  EXPECT_EQ(parked()[0].attempts, 2);
}

TEST_F(Failure, AFailedPrepareIsAnAttempt) {
  recorder->on_prepare = [this](const Event& event) -> Result<void> {
    if (event.subject != "bad" || healthy) return {};
    return Error{Code::invalid, "the signature does not fit"};
  };
  start_and_subscribe();
  publish({"a", "bad", "b"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"a", "b"}));
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].reason, "the signature does not fit");
  healthy = true;
  advance_and_drain(1000);
  EXPECT_EQ(seen(), (Subjects{"a", "b", "bad"}));
}

TEST_F(Failure, AHandlerThatDestroysTheTransactionIsAFailureOfItsOwnEventOnly) {
  recorder->on_handle = [](Session& session, const Event& event) -> Result<void> {
    if (event.subject != "bad") return {};
    // What a statement stopped by the progress handler does: the whole transaction is gone.
    (void)session.execute("INSERT OR ROLLBACK INTO seen(position) SELECT 1 UNION ALL SELECT 1");
    return {};
  };
  start_and_subscribe();
  publish({"a", "bad", "b", "bad", "c"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"a", "b", "c"}));
  EXPECT_EQ(states(), "retrying behind ");
  EXPECT_EQ(parked()[0].attempts, 1);
}

TEST_F(Failure, AHandlerThatDoesNotReturnIsAFailureOnceTheWatchdogGaveItUp) {
  recorder->timeout_max_ms = 50;
  Gate gate;
  std::atomic<bool> first{true};
  recorder->on_handle = [&](Session&, const Event& event) -> Result<void> {
    if (event.subject == "bad" && first.exchange(false)) gate.pass();
    return {};
  };
  start_and_subscribe();
  publish({"bad"});
  ASSERT_TRUE(gate.wait_for_arrival());
  clock.advance_ms(60'000);
  ASSERT_TRUE(eventually([this] { return membership->lane().stuck(); }));
  gate.open();
  ASSERT_TRUE(eventually([this] {
    dispatcher->poll();
    return !parked().empty();
  }));
  EXPECT_TRUE(seen().empty());
  EXPECT_EQ(parked()[0].reason, "did not return in time");
  advance_and_drain(1000);
  EXPECT_EQ(seen(), Subjects{"bad"});
}

}  // namespace
}  // namespace forecourt::events::test
