#include "unit/events/events_fixture.hpp"
#include "unit/events/in_child.hpp"

namespace forecourt::events::test {
namespace {

/// A host's life, in this process or another.
class Life : public Events {
 public:
  Life(const TempFolder& folder, RetryPolicy policy) : policy_(policy) {
    payments = open(folder / "p", clock);
    membership = open(folder / "m", clock);
  }
  void TestBody() override {}

  void begin() {
    start(policy_);
    subscribe(true);
  }
  Store& membership_store() { return *membership; }
  using Events::advance_and_drain;
  using Events::clock;
  using Events::dispatcher;
  using Events::parked;
  using Events::publish;
  using Events::recorder;
  using Events::seen;
  using Events::subscribe;

 private:
  RetryPolicy policy_;
};

class Kills : public ::testing::Test {
 protected:
  void SetUp() override { Life(folder, policy).publish({"a", "deadly", "b"}); }

  /// The signal that ended a life in which the event "deadly" does this.
  int live(const std::function<void()>& deadly) {
    return in_child([&] {
      Life life(folder, policy);
      life.recorder->on_handle = [&deadly](Session&, const Event& event) -> Result<void> {
        if (event.subject == "deadly") deadly();
        return {};
      };
      life.begin();
      return life.dispatcher->drain(k_patience_ms);
    });
  }

  TempFolder folder;
  RetryPolicy policy;
};

TEST_F(Kills, TwoCrashesParkTheEventBeforeItRunsAgain) {
  EXPECT_EQ(live(crash), SIGABRT);
  EXPECT_EQ(live(crash), SIGABRT);
  EXPECT_EQ(live(crash), 0);

  Life life(folder, policy);
  life.begin();
  ASSERT_TRUE(life.dispatcher->drain(k_patience_ms));
  EXPECT_EQ(life.seen(), (Subjects{"a", "b"}));
  ASSERT_EQ(life.parked().size(), 1u);
  EXPECT_EQ(life.parked()[0].state, "parked");
  EXPECT_EQ(life.parked()[0].attempts, 2);
  EXPECT_EQ(life.parked()[0].reason, "killed the process: 2 crashes, 0 unexplained kills");

  ASSERT_TRUE(life.dispatcher->replay("membership", "payments", 2).ok());
  EXPECT_EQ(life.seen(), (Subjects{"a", "b", "deadly"}));
}

TEST_F(Kills, NobodysCrashesAreCountedApart) {
  policy.unexplained_max = 3;
  EXPECT_EQ(live(crash), SIGABRT);
  EXPECT_EQ(live(vanish), SIGKILL);
  EXPECT_EQ(live(vanish), SIGKILL);
  EXPECT_EQ(live(vanish), SIGKILL) << "one crash and two unexplained kills are below both limits";
  EXPECT_EQ(live(vanish), 0);
}

TEST_F(Kills, AnEventThatRecoversIsForgiven) {
  EXPECT_EQ(live(crash), SIGABRT);
  EXPECT_EQ(live([] {}), 0);
  Life life(folder, policy);
  EXPECT_EQ(life.seen(), (Subjects{"a", "deadly", "b"}));
  int64_t counts = -1;
  ASSERT_TRUE(life.membership_store()
                  .read(0,
                        [&counts](Session& session) -> Result<void> {
                          Result<int64_t> found =
                              integer(session, "SELECT count(*) FROM fc_attempt", {}, -1);
                          counts = *found;
                          return {};
                        })
                  .ok());
  EXPECT_EQ(counts, 0);
}

TEST_F(Kills, ANewGenerationDoesNotCountTheSameKillAgain) {
  EXPECT_EQ(live(crash), SIGABRT);
  const int signal = in_child([&] {
    Life life(folder, policy);
    // A generation that never gets to the event, then the next one.
    life.recorder->on_prepare = [](const Event&) -> Result<void> {
      return Error{Code::conflict, "x"};
    };
    life.begin();
    life.dispatcher->detach("membership");
    life.recorder = std::make_shared<Recorder>();
    life.recorder->on_handle = [](Session&, const Event& event) -> Result<void> {
      if (event.subject == "deadly") crash();
      return {};
    };
    life.subscribe(true);
    life.clock.advance_ms(1000);
    life.dispatcher->poll();
    return life.dispatcher->drain(k_patience_ms);
  });
  EXPECT_EQ(signal, SIGABRT) << "one kill, counted twice, would have parked it";
}

TEST_F(Kills, ARetryThatKillsIsParkedToo) {
  const auto fail_then_die = [&] {
    return in_child([&] {
      Life life(folder, policy);
      bool first = true;
      life.recorder->on_handle = [&first](Session&, const Event& event) -> Result<void> {
        if (event.subject != "deadly") return {};
        if (!std::exchange(first, false)) crash();
        return Error{Code::conflict, "fails before it kills"};
      };
      life.begin();
      if (!life.dispatcher->drain(k_patience_ms)) return false;
      life.advance_and_drain(1000);
      return true;
    });
  };
  EXPECT_EQ(fail_then_die(), SIGABRT);
  EXPECT_EQ(live(crash), 0) << "not due: the clock of this life stands at its start";
  const auto retry_and_die = [&] {
    return in_child([&] {
      Life life(folder, policy);
      life.recorder->on_handle = [](Session&, const Event& event) -> Result<void> {
        if (event.subject == "deadly") crash();
        return {};
      };
      life.clock.advance_ms(1000);
      life.begin();
      return life.dispatcher->drain(k_patience_ms);
    });
  };
  EXPECT_EQ(retry_and_die(), SIGABRT);
  EXPECT_EQ(retry_and_die(), 0);
  Life life(folder, policy);
  life.begin();
  ASSERT_EQ(life.parked().size(), 1u);
  EXPECT_EQ(life.parked()[0].state, "parked");
}

}  // namespace
}  // namespace forecourt::events::test
