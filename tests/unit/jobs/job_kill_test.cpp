#include "unit/events/in_child.hpp"
#include "unit/jobs/jobs_fixture.hpp"

namespace forecourt::jobs::test {
namespace {

using events::test::crash;
using events::test::in_child;

/// A host's life, in this process or another.
class Life : public Jobs {
 public:
  explicit Life(const TempFolder& folder) { store = open(folder / "c", clock); }
  void TestBody() override {}

  using Jobs::clock;
  using Jobs::job;
  using Jobs::parked;
  using Jobs::plan;
  using Jobs::ran;
  using Jobs::recorder;
  using Jobs::scheduler;
  using Jobs::start;
  using Jobs::waiting;
};

class JobKills : public ::testing::Test {
 protected:
  int live() {
    return in_child([this] {
      Life life(folder);
      life.recorder->on_handle = [](Session&, const Job& job) -> Result<void> {
        if (job.key == "two words") crash();
        return {};
      };
      life.start();
      return life.scheduler->drain(k_patience_ms);
    });
  }
  TempFolder folder;
};

TEST_F(JobKills, TwoCrashesParkTheJobBeforeItRunsAgain) {
  {
    Life life(folder);
    life.plan(life.job("two words", 0));
    life.plan(life.job("good", 0));
  }
  EXPECT_EQ(live(), SIGABRT);
  EXPECT_EQ(live(), SIGABRT);
  EXPECT_EQ(live(), 0);

  Life life(folder);
  life.start();
  ASSERT_TRUE(life.scheduler->drain(k_patience_ms));
  EXPECT_EQ(life.ran(), Names{"expire/good"});
  ASSERT_EQ(life.parked().size(), 1u);
  EXPECT_EQ(life.parked()[0].state, "parked");
  EXPECT_EQ(life.parked()[0].reason, "killed the process: 2 crashes, 0 unexplained kills");
  ASSERT_TRUE(life.scheduler->replay("coupons", "expire", "two words").ok());
  EXPECT_EQ(life.ran(), (Names{"expire/good", "expire/two words"}));
}

}  // namespace
}  // namespace forecourt::jobs::test
