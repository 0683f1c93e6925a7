#include "unit/events/events_fixture.hpp"

namespace forecourt::events::test {
namespace {

/// A call whose fate is told otherwise than it was.
class ToldOtherwise final : public storage::WriteCall {
 public:
  ToldOtherwise(std::unique_ptr<storage::WriteCall> call, storage::Fate fate)
      : call_(std::move(call)), fate_(fate) {}
  storage::Verdict run(Session& session) override { return call_->run(session); }
  void after_roll_back(Session& session) override { call_->after_roll_back(session); }
  void finished(storage::Fate, const Error&) override {
    call_->finished(fate_, {Code::unavailable, "outcome unknown"});
  }

 private:
  const std::unique_ptr<storage::WriteCall> call_;
  const storage::Fate fate_;
};

/// A real store whose lane has bad days.
class Moody final : public Store, public storage::Lane {
 public:
  explicit Moody(Store& store) : store_(store) {}
  std::atomic<int> full{0};     ///< so many submits find the queue full
  std::atomic<int> refused{0};  ///< so many calls are refused without running
  std::atomic<int> unknown{0};  ///< so many calls run, but nobody learns of it

  Result<void> migrate(std::span<const storage::Migration> all) override {
    return store_.migrate(all);
  }
  storage::Lane& lane() override { return *this; }
  Result<void> read(int64_t deadline, const std::function<Result<void>(Session&)>& work) override {
    return store_.read(deadline, work);
  }
  Result<void> set_orgs(int64_t version, std::span<const storage::OrgPair> pairs) override {
    return store_.set_orgs(version, pairs);
  }
  const storage::Kill* last_kill() const override { return store_.last_kill(); }
  std::string epoch() const override { return store_.epoch(); }
  Result<void> renew_epoch(int64_t head) override { return store_.renew_epoch(head); }

  bool submit(std::unique_ptr<storage::WriteCall>& call) override {
    if (full > 0) {
      --full;
      return false;
    }
    if (refused > 0) {
      --refused;
      call->finished(storage::Fate::refused, {Code::read_only, "the disk is full"});
      call.reset();
      return true;
    }
    if (unknown > 0) {
      --unknown;
      call = std::make_unique<ToldOtherwise>(std::move(call), storage::Fate::unknown);
    }
    return store_.lane().submit(call);
  }
  Result<void> run_now(std::function<Result<void>(Session&)> work) override {
    return store_.lane().run_now(std::move(work));
  }
  std::string read_only_reason() const override { return {}; }
  bool stuck() const override { return false; }
  size_t queued() const override { return store_.lane().queued(); }

 private:
  Store& store_;
};

class Refusal : public Events {
 protected:
  void start_moody() {
    RetryPolicy strict;
    strict.failures_max = 1;
    start(strict);
    ASSERT_TRUE(
        dispatcher
            ->subscribe({"membership", &moody, recorder, {"payments.payment.verified"}, false})
            .ok());
  }
  void expect_all_once(int last) {
    EXPECT_EQ(seen(), numbered(1, last));
    EXPECT_TRUE(parked().empty()) << parked()[0].reason;
    EXPECT_EQ(cursor(), last);
  }
  Moody moody{*membership};
};

TEST_F(Refusal, AFullLaneIsNotTheEventsFailure) {
  start_moody();
  moody.full = 3;
  publish(numbered(1, 100));
  drain();
  EXPECT_EQ(moody.full, 0);
  expect_all_once(100);
}

TEST_F(Refusal, AStoreThatTakesNoWritesIsNotTheEventsFailure) {
  start_moody();
  moody.refused = 3;
  publish(numbered(1, 100));
  drain();
  EXPECT_EQ(moody.refused, 0);
  expect_all_once(100);
}

TEST_F(Refusal, AnUnknownFateIsLookedUpNotRepeated) {
  start_moody();
  moody.unknown = 5;
  publish(numbered(1, 100));
  drain();
  EXPECT_EQ(moody.unknown, 0);
  expect_all_once(100);
}

TEST_F(Refusal, ATransientRefusalOfARetryIsNotAnAttempt) {
  std::atomic<bool> healthy{false};
  recorder->on_handle = [&](Session&, const Event&) -> Result<void> {
    if (healthy) return {};
    return Error{Code::conflict, "not yet"};
  };
  start();
  ASSERT_TRUE(
      dispatcher->subscribe({"membership", &moody, recorder, {"payments.payment.verified"}, false})
          .ok());
  publish({"s1"});
  drain();
  moody.refused = 2;
  moody.full = 2;
  advance_and_drain(1000);
  ASSERT_EQ(parked().size(), 1u);
  EXPECT_EQ(parked()[0].attempts, 2);
  healthy = true;
  moody.unknown = 1;
  advance_and_drain(2000);
  EXPECT_EQ(seen(), Subjects{"s1"});
}

TEST_F(Refusal, LongTroubleRaisesAnAlarm) {
  start_moody();
  moody.full = 1'000'000;
  publish({"s1"});
  EXPECT_TRUE(eventually([this] { return !dispatcher->alarms().empty(); }));
  EXPECT_EQ(dispatcher->alarms()[0],
            "membership: cannot take the events of payments: its write queue is full or stopping");
  moody.full = 0;
  drain();
  EXPECT_TRUE(dispatcher->alarms().empty());
  expect_all_once(1);
}

}  // namespace
}  // namespace forecourt::events::test
