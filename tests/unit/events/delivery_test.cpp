#include "unit/events/events_fixture.hpp"

namespace forecourt::events::test {
namespace {

class Delivery : public Events {};

TEST_F(Delivery, RefusesATypeWithoutAPublisher) {
  start();
  Result<void> done =
      dispatcher->subscribe({"membership", membership.get(), recorder, {"verified"}, false});
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().message, "event type \"verified\": must be <plugin>.<thing>.<verb>");
}

TEST_F(Delivery, KeepsTheOrderOfCommits) {
  start_and_subscribe();
  for (int i = 0; i < 40; ++i) publish(numbered(i * 10, i * 10 + 9));
  drain();
  EXPECT_EQ(seen(), numbered(0, 399));
  EXPECT_EQ(recorder->handled, 400);
  EXPECT_EQ(cursor(), 400);
}

TEST_F(Delivery, QueuesManyEventsForOneCommit) {
  start_and_subscribe();
  Gate gate;
  std::atomic<bool> first{true};
  recorder->on_handle = [&](Session&, const Event&) -> Result<void> {
    if (first.exchange(false)) gate.pass();
    return {};
  };
  publish({"s0"});
  ASSERT_TRUE(gate.wait_for_arrival());
  publish(numbered(1, 63));
  ASSERT_TRUE(eventually([this] { return membership->lane().queued() >= 63; }));
  gate.open();
  drain();
  EXPECT_EQ(seen(), numbered(0, 63));
}

TEST_F(Delivery, ANewSubscriberStartsAtTheHead) {
  publish({"old"});
  start_and_subscribe();
  publish({"new"});
  drain();
  EXPECT_EQ(seen(), Subjects{"new"});
}

TEST_F(Delivery, ANewSubscriberWithHistoryStartsAtTheBeginning) {
  publish({"old"});
  start();
  subscribe(true);
  publish({"new"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"old", "new"}));
}

TEST_F(Delivery, TheHeadIsFixedWhenBothSidesAreKnownNotLater) {
  dispatcher = std::make_unique<Dispatcher>(clock, workers);
  subscribe();
  publish({"before"});
  dispatcher->attach_publisher("payments", payments.get());
  // No worker needs to have run for this one to count as new.
  publish({"after"});
  drain();
  EXPECT_EQ(seen(), Subjects{"after"});
}

TEST_F(Delivery, ASubscriberThatWasAwayGoesOnWhereItWas) {
  start_and_subscribe();
  publish({"a"});
  drain();
  dispatcher->detach("membership");
  publish({"b", "c"});
  subscribe();
  drain();
  EXPECT_EQ(seen(), (Subjects{"a", "b", "c"}));
}

TEST_F(Delivery, APublisherThatWasAwayIsWaitedFor) {
  start_and_subscribe();
  publish({"a"});
  drain();
  dispatcher->detach("payments");
  publish({"b"});
  drain();
  EXPECT_EQ(seen(), Subjects{"a"});
  dispatcher->attach_publisher("payments", payments.get());
  drain();
  EXPECT_EQ(seen(), (Subjects{"a", "b"}));
}

TEST_F(Delivery, OtherTypesOnlyMoveTheCursor) {
  start_and_subscribe();
  publish(numbered(1, 3000), "payments.bill.imported");
  publish({"mine"});
  publish(numbered(1, 10), "payments.bill.imported");
  drain();
  EXPECT_EQ(seen(), Subjects{"mine"});
  EXPECT_GE(cursor(), 3001);
  // What follows the last event of interest is caught up with while nothing else happens.
  EXPECT_TRUE(eventually([this] { return cursor() == 3011; }));
}

TEST_F(Delivery, EachSubscriberHasItsOwnCursor) {
  start_and_subscribe();
  auto coupons = open(folder / "coupons", clock);
  auto other = std::make_shared<Recorder>();
  publish({"a"});
  ASSERT_TRUE(
      dispatcher->subscribe({"coupons", coupons.get(), other, {"payments.payment.verified"}, false})
          .ok());
  publish({"b"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"a", "b"}));
  EXPECT_EQ(seen(*coupons), Subjects{"b"});
  dispatcher->detach("coupons");
}

TEST_F(Delivery, AHandlersEventsTravelOnWithoutFurtherNotice) {
  auto coupons = open(folder / "coupons", clock);
  auto issuer = std::make_shared<Recorder>();
  start();
  std::atomic<int> told{0};
  dispatcher->on_commit(
      [&told](const std::string& plugin) { told += plugin == "membership" ? 1 : 0; });
  dispatcher->attach_publisher("membership", membership.get());
  subscribe();
  ASSERT_TRUE(
      dispatcher
          ->subscribe({"coupons", coupons.get(), issuer, {"membership.member.enrolled"}, false})
          .ok());
  recorder->on_handle = [](Session& session, const Event& event) {
    Event enrolled = event;
    enrolled.type = "membership.member.enrolled";
    enrolled.source = "membership";
    return events::publish(session, enrolled);
  };
  publish(numbered(1, 100));
  ASSERT_TRUE(dispatcher->drain(k_patience_ms));
  EXPECT_EQ(seen(*coupons), numbered(1, 100));
  EXPECT_EQ(told, 100);
  dispatcher->detach("coupons");
}

TEST_F(Delivery, ACursorMovedByAnotherHandMakesQueuedCallsRollBackQuietly) {
  start_and_subscribe();
  Gate gate;
  std::atomic<bool> first{true};
  recorder->on_handle = [&](Session&, const Event&) -> Result<void> {
    if (first.exchange(false)) gate.pass();
    return {};
  };
  publish(numbered(1, 20));
  ASSERT_TRUE(gate.wait_for_arrival());
  ASSERT_TRUE(eventually([this] { return membership->lane().queued() >= 19; }));
  gate.open();
  drain();
  ASSERT_EQ(seen(), numbered(1, 20));

  // Moved back, the cursor has the events delivered again from there: the conditional update is
  // what notices. Nobody is told of it; the next event finds out.
  write(*membership, "UPDATE fc_cursor SET number = 15");
  publish({"s21"});
  drain();
  Subjects expected = numbered(1, 20);
  for (const std::string& again : numbered(16, 21)) expected.push_back(again);
  EXPECT_EQ(seen(), expected);
  EXPECT_TRUE(parked().empty());
}

TEST_F(Delivery, StopInTheMiddleLosesAndRepeatsNothing) {
  start_and_subscribe();
  publish(numbered(1, 500));
  ASSERT_TRUE(eventually([this] { return recorder->handled > 20; }));
  dispatcher->stop();
  const size_t so_far = seen().size();
  EXPECT_EQ(static_cast<int64_t>(so_far), cursor());
  dispatcher.reset();
  start_and_subscribe();
  drain();
  EXPECT_EQ(seen(), numbered(1, 500));
}

TEST_F(Delivery, DetachWaitsForWhatIsInFlight) {
  start_and_subscribe();
  Gate gate;
  recorder->on_handle = [&](Session&, const Event&) -> Result<void> {
    gate.pass();
    return {};
  };
  publish({"a"});
  ASSERT_TRUE(gate.wait_for_arrival());
  std::atomic<bool> detached{false};
  std::thread admin([&] {
    dispatcher->detach("membership");
    detached = true;
  });
  EXPECT_FALSE(detached);
  gate.open();
  admin.join();
  EXPECT_EQ(seen(), Subjects{"a"});
  EXPECT_EQ(recorder.use_count(), 1) << "the generation's code is let go before detach returns";
}

TEST_F(Delivery, ANewGenerationTakesOver) {
  start_and_subscribe();
  publish({"a"});
  drain();
  auto old = std::exchange(recorder, std::make_shared<Recorder>());
  subscribe();
  publish({"b"});
  drain();
  EXPECT_EQ(old->handled, 1);
  EXPECT_EQ(recorder->handled, 1);
  EXPECT_EQ(seen(), (Subjects{"a", "b"}));
}

}  // namespace
}  // namespace forecourt::events::test
