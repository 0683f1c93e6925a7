#include "unit/events/events_fixture.hpp"

namespace forecourt::events::test {
namespace {

History history(std::vector<EpochStart> epochs, int64_t head, int64_t oldest = 1) {
  History history;
  history.epochs = std::move(epochs);
  history.head = head;
  history.oldest = oldest;
  return history;
}

TEST(Judge, StopsBeyondTheHead) {
  const Standing standing = judge({"A", 1042}, history({{"A", 1}}, 900));
  EXPECT_EQ(standing.trouble, "cursor 1042 is beyond the head 900");
  EXPECT_EQ(standing.resume.number, 900);
}

TEST(Judge, StopsWhenItHasReadWhatARestoreUndid) {
  const Standing standing = judge({"A", 950}, history({{"A", 1}, {"B", 901}}, 2000));
  EXPECT_EQ(standing.trouble,
            "cursor 950 of epoch A is beyond the last event this history shares with it, 900");
  EXPECT_EQ(standing.resume.epoch, "B");
  EXPECT_EQ(standing.resume.number, 900);
}

TEST(Judge, StopsWhenAnyLaterEpochUndidIt) {
  const History twice = history({{"A", 1}, {"B", 851}, {"C", 901}}, 2000);
  EXPECT_FALSE(judge({"A", 880}, twice).trouble.empty());
  EXPECT_EQ(judge({"A", 880}, twice).resume.number, 850);
  EXPECT_TRUE(judge({"B", 880}, twice).trouble.empty());
}

TEST(Judge, StopsAtAnEpochItDoesNotKnow) {
  EXPECT_FALSE(judge({"X", 10}, history({{"A", 1}, {"B", 901}}, 2000)).trouble.empty());
  EXPECT_TRUE(judge({"X", 0}, history({{"A", 1}}, 2000)).trouble.empty())
      << "nothing was read of it";
}

TEST(Judge, StopsWhereEventsWerePruned) {
  EXPECT_FALSE(judge({"A", 5}, history({{"A", 1}}, 2000, 100)).trouble.empty());
  EXPECT_EQ(judge({"A", 5}, history({{"A", 1}}, 2000, 100)).resume.number, 99);
  EXPECT_TRUE(judge({"A", 99}, history({{"A", 1}}, 2000, 100)).trouble.empty());
}

TEST(Judge, GoesOnUnderTheNewEpochWithWhatBothShare) {
  const History restored = history({{"A", 1}, {"B", 901}}, 2000);
  for (const int64_t number : {0, 899, 900}) {
    const Standing standing = judge({"A", number}, restored);
    EXPECT_EQ(standing.trouble, "");
    EXPECT_EQ(standing.resume.epoch, "B");
    EXPECT_EQ(standing.resume.number, number);
  }
}

class Epochs : public Events {
 protected:
  void restart_payments(const std::function<void()>& between) {
    dispatcher->detach("payments");
    payments.reset();
    between();
    payments = open(folder / "payments", clock);
  }
  void back_up() {
    restart_payments([this] {
      std::filesystem::copy(folder / "payments", folder / "backup",
                            std::filesystem::copy_options::recursive);
    });
    dispatcher->attach_publisher("payments", payments.get());
  }
  void restore(int64_t head) {
    restart_payments([this] {
      std::filesystem::remove_all(folder / "payments");
      std::filesystem::copy(folder / "backup", folder / "payments",
                            std::filesystem::copy_options::recursive);
    });
    if (head >= 0) {
      ASSERT_TRUE(payments->renew_epoch(head).ok());
    }
    dispatcher->attach_publisher("payments", payments.get());
  }
};

TEST_F(Epochs, ACursorBeyondARestoredHeadStopsWithAnAlarmInsteadOfSkipping) {
  start_and_subscribe();
  publish(numbered(1, 3));
  drain();
  back_up();
  publish(numbered(4, 6));
  drain();
  restore(3);
  publish({"other4", "other5", "other6", "other7", "other8"});
  drain();
  EXPECT_EQ(seen(), numbered(1, 6)) << "nothing after the restore may pass unseen";
  ASSERT_EQ(dispatcher->alarms().size(), 1u);
  EXPECT_TRUE(dispatcher->alarms()[0].starts_with(
      "membership: stopped reading payments: cursor 6 of epoch "))
      << dispatcher->alarms()[0];

  ASSERT_TRUE(dispatcher->resume("membership", "payments").ok());
  drain();
  Subjects expected = numbered(1, 6);
  for (const char* subject : {"other4", "other5", "other6", "other7", "other8"})
    expected.push_back(subject);
  EXPECT_EQ(seen(), expected);
  EXPECT_TRUE(dispatcher->alarms().empty());
  EXPECT_EQ(dispatcher->resume("membership", "payments").error().code, Code::state);
}

TEST_F(Epochs, ACursorBeyondAHeadThatWasSetBackWithoutANewEpochStopsToo) {
  start_and_subscribe();
  publish(numbered(1, 3));
  drain();
  back_up();
  publish(numbered(4, 6));
  drain();
  restore(-1);
  publish({"other4"});
  drain();
  EXPECT_EQ(seen(), numbered(1, 6));
  ASSERT_EQ(dispatcher->alarms().size(), 1u);
  EXPECT_EQ(dispatcher->alarms()[0],
            "membership: stopped reading payments: cursor 6 is beyond the head 4");
}

TEST_F(Epochs, ACursorThatSharesAllItReadGoesOnUnderTheNewEpoch) {
  start_and_subscribe();
  publish(numbered(1, 3));
  drain();
  back_up();
  restore(3);
  publish({"other4"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"s1", "s2", "s3", "other4"}));
  EXPECT_TRUE(dispatcher->alarms().empty());
}

TEST_F(Epochs, AnEpochThatBeginsWhileRunningIsNoticed) {
  start_and_subscribe();
  publish({"s1"});
  drain();
  ASSERT_TRUE(payments->renew_epoch(1).ok());
  publish({"s2"});
  drain();
  EXPECT_EQ(seen(), (Subjects{"s1", "s2"}));
  EXPECT_EQ(number(*membership,
                   "SELECT count(*) FROM fc_cursor WHERE epoch = '" + payments->epoch() + "'"),
            1);
}

TEST_F(Epochs, ARestoredSubscriberReadsAgainWhatItHasForgotten) {
  start_and_subscribe();
  publish(numbered(1, 3));
  drain();
  dispatcher->detach("membership");
  membership.reset();
  std::filesystem::copy(folder / "membership", folder / "backup",
                        std::filesystem::copy_options::recursive);
  membership = open(folder / "membership", clock);
  subscribe();
  publish(numbered(4, 6));
  drain();
  dispatcher->detach("membership");
  membership.reset();
  std::filesystem::remove_all(folder / "membership");
  std::filesystem::copy(folder / "backup", folder / "membership",
                        std::filesystem::copy_options::recursive);
  membership = open(folder / "membership", clock);
  subscribe();
  drain();
  EXPECT_EQ(seen(), numbered(1, 6));
}

}  // namespace
}  // namespace forecourt::events::test
