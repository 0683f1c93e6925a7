#include "unit/events/events_fixture.hpp"

namespace forecourt::events::test {
namespace {

class Pruning : public Events {
 protected:
  static Retention tight() {
    Retention retention;
    retention.events_min = 0;
    retention.slice = 10;
    return retention;
  }
  int64_t oldest() { return number(*payments, "SELECT MIN(number) FROM fc_outbox"); }
  int64_t kept() { return number(*payments, "SELECT count(*) FROM fc_outbox"); }
  void prune() {
    dispatcher->poll();
    drain();
    dispatcher->poll();
    drain();
  }
};

TEST_F(Pruning, NothingGoesThatARunningSubscriberHasNotRead) {
  start({}, tight());
  subscribe();
  Gate gate;
  recorder->on_handle = [&](Session&, const Event& event) -> Result<void> {
    if (event.number == 1) gate.pass();
    return {};
  };
  publish(numbered(1, 50));
  ASSERT_TRUE(gate.wait_for_arrival());
  dispatcher->poll();
  publish({"s51"});
  EXPECT_EQ(kept(), 51);
  gate.open();
  drain();
  EXPECT_EQ(seen(), numbered(1, 51));
}

TEST_F(Pruning, WhatEverybodyHasReadGoesInSlices) {
  start({}, tight());
  subscribe();
  publish(numbered(1, 95));
  drain();
  prune();
  EXPECT_LT(kept(), 10);
  EXPECT_EQ(seen(), numbered(1, 95));
}

TEST_F(Pruning, TheNewestStayForHistory) {
  Retention retention = tight();
  retention.events_min = 60;
  start({}, retention);
  subscribe();
  publish(numbered(1, 95));
  drain();
  prune();
  EXPECT_GE(kept(), 60);
  EXPECT_LT(kept(), 70);
}

TEST_F(Pruning, TheSlowestSubscriberHoldsTheOutbox) {
  start({}, tight());
  subscribe();
  auto coupons = open(folder / "coupons", clock);
  auto slow = std::make_shared<Recorder>();
  Gate gate;
  slow->on_handle = [&](Session&, const Event& event) -> Result<void> {
    if (event.number == 20) gate.pass();
    return {};
  };
  ASSERT_TRUE(
      dispatcher->subscribe({"coupons", coupons.get(), slow, {"payments.payment.verified"}, false})
          .ok());
  for (int i = 1; i <= 90; ++i) publish({"s" + std::to_string(i)});
  ASSERT_TRUE(gate.wait_for_arrival());
  ASSERT_TRUE(eventually([this] { return cursor() == 90; }));
  dispatcher->poll();
  EXPECT_LE(oldest(), 20);
  gate.open();
  drain();
  EXPECT_EQ(seen(*coupons), numbered(1, 90));
  dispatcher->detach("coupons");
}

TEST_F(Pruning, ASubscriberThatDoesNotRunIsNotForgotten) {
  start({}, tight());
  subscribe();
  publish(numbered(1, 5));
  drain();
  prune();
  dispatcher.reset();

  // The next start of the host, at which membership fails to load.
  start({}, tight());
  publish(numbered(6, 60));
  prune();
  EXPECT_LE(oldest(), 6);
  subscribe();
  drain();
  EXPECT_EQ(seen(), numbered(1, 60));
  prune();
  EXPECT_LT(kept(), 10);
}

TEST_F(Pruning, AnAlarmTellsOfASubscriberThatFallsBehind) {
  Retention retention = tight();
  retention.events_max = 100;
  start({}, retention);
  subscribe();
  dispatcher->detach("membership");
  publish(numbered(1, 49));
  prune();
  EXPECT_TRUE(dispatcher->alarms().empty());
  publish({"s50"});
  prune();
  ASSERT_EQ(dispatcher->alarms().size(), 1u);
  EXPECT_EQ(dispatcher->alarms()[0],
            "membership: 50 events behind payments; past 100 its events are pruned unread");
  EXPECT_EQ(kept(), 50);
  subscribe();
  drain();
  prune();
  EXPECT_TRUE(dispatcher->alarms().empty());
}

TEST_F(Pruning, PastTheLimitASubscriberIsStoppedNotMovedOn) {
  Retention retention = tight();
  retention.events_max = 100;
  start({}, retention);
  subscribe();
  dispatcher->detach("membership");
  publish(numbered(1, 300));
  prune();
  EXPECT_LT(kept(), 110);
  const int64_t first = oldest();
  subscribe();
  drain();
  EXPECT_TRUE(seen().empty());
  ASSERT_FALSE(dispatcher->alarms().empty());
  EXPECT_EQ(dispatcher->alarms()[0],
            "membership: stopped reading payments: cursor 0 is before the oldest event "
            "kept, " +
                std::to_string(first) + ": those between are gone");
  ASSERT_TRUE(dispatcher->resume("membership", "payments").ok());
  drain();
  EXPECT_EQ(seen(), numbered(static_cast<int>(first), 300));
}

TEST_F(Pruning, ARunningSubscriberOvertakenByTheLimitIsStoppedToo) {
  start({}, tight());
  subscribe();
  Gate gate;
  recorder->on_handle = [&](Session&, const Event& event) -> Result<void> {
    if (event.number == 1) gate.pass();
    return {};
  };
  publish({"s1"});
  ASSERT_TRUE(gate.wait_for_arrival());
  publish(numbered(2, 400));
  // The window is queued behind the gate; what lies beyond it goes.
  ASSERT_TRUE(eventually([this] { return membership->lane().queued() >= 64; }));
  write(*payments, "DELETE FROM fc_outbox WHERE number <= 390");
  gate.open();
  drain();
  ASSERT_EQ(dispatcher->alarms().size(), 1u);
  EXPECT_NE(dispatcher->alarms()[0].find("those between are gone"), std::string::npos);
  EXPECT_LT(seen().size(), 390u);
}

TEST_F(Pruning, AnOldUnreadEventRaisesAnAlarmButAJumpingClockPrunesNothing) {
  start({}, tight());
  subscribe();
  dispatcher->detach("membership");
  clock.set_ms(1'700'000'000'000);
  publish(numbered(1, 30));
  clock.set_ms(clock.now_ms() + 10ll * 365 * 86'400'000);
  prune();
  ASSERT_EQ(dispatcher->alarms().size(), 1u);
  EXPECT_EQ(dispatcher->alarms()[0],
            "membership: 30 events behind payments; the oldest it has not read is 315360000 s old "
            "and holds "
            "the outbox");
  EXPECT_EQ(kept(), 30);
}

TEST_F(Pruning, ForgettingASubscriberFreesTheOutbox) {
  start({}, tight());
  subscribe();
  EXPECT_EQ(dispatcher->forget("payments", "membership").error().code, Code::state);
  dispatcher->detach("membership");
  publish(numbered(1, 30));
  prune();
  EXPECT_EQ(kept(), 30);
  ASSERT_TRUE(dispatcher->forget("payments", "membership").ok());
  EXPECT_EQ(dispatcher->forget("payments", "membership").error().code, Code::not_found);
  prune();
  EXPECT_LT(kept(), 10);
}

}  // namespace
}  // namespace forecourt::events::test
