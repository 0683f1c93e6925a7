#include "unit/jobs/jobs_fixture.hpp"

namespace forecourt::jobs::test {
namespace {

class JobTable : public Jobs {
 protected:
  Result<void> try_to_plan(const std::function<void(Job&)>& change) {
    Job one = job("c-1", 0);
    change(one);
    return store->lane().run_now([&one](Session& session) { return jobs::schedule(session, one); });
  }
};

TEST_F(JobTable, RefusesNamesAndPayloadsItCannotKeep) {
  EXPECT_EQ(try_to_plan([](Job& j) { j.kind = ""; }).error().code, Code::invalid);
  EXPECT_EQ(try_to_plan([](Job& j) { j.kind = "two words"; }).error().code, Code::invalid);
  EXPECT_EQ(try_to_plan([](Job& j) { j.key = std::string(256, 'k'); }).error().code, Code::invalid);
  EXPECT_EQ(try_to_plan([](Job& j) { j.key = "\xc0\x80"; }).error().code, Code::invalid);
  EXPECT_EQ(try_to_plan([](Job& j) { j.payload.assign(256 * 1024 + 1, 'x'); }).error().message,
            "job: payload has 262145 bytes; at most 262144 are taken");
  EXPECT_TRUE(waiting().empty());
}

TEST_F(JobTable, CancellingWhatDoesNotWaitSaysSo) {
  const Result<void> done = cancel("c-1");
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::not_found);
  EXPECT_EQ(done.error().message, "no job expire with key \"c-1\" waits");
}

TEST_F(JobTable, PlanningAgainReplacesTimeAndPayload) {
  plan(job("c-1", 1000, "old"));
  plan(job("c-1", 5000, "new"));
  EXPECT_EQ(waiting(), Names{"c-1"});
  start();
  advance_and_drain(1000);
  EXPECT_TRUE(ran().empty());
  advance_and_drain(4000);
  EXPECT_EQ(column("SELECT payload FROM ran"), Names{"new"});
}

TEST_F(JobTable, APlanGoesWithTheTransactionThatMadeIt) {
  const Job one = job("c-1", 0);
  const Result<void> failed = store->lane().run_now([&one](Session& session) -> Result<void> {
    Result<void> planned = jobs::schedule(session, one);
    return planned ? Result<void>(Error{Code::conflict, "changed its mind"}) : planned;
  });
  EXPECT_FALSE(failed.ok());
  EXPECT_TRUE(waiting().empty());
}

}  // namespace
}  // namespace forecourt::jobs::test
