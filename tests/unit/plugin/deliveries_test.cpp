// Events and jobs reach a plugin as calls.
#include <gtest/gtest.h>

#include "support.hpp"

namespace forecourt::plugin::test {
namespace {

struct Delivery : testing::Test {
  Bench bench;
  events::Event event;
  jobs::Job job;
  std::shared_ptr<events::Consumer> consumer = make_consumer(bench.generation);
  std::shared_ptr<jobs::Runner> runner = make_runner(bench.generation);

  Delivery() {
    event.number = 7;
    event.id = "evt_1";
    event.type = "pub.thing.done";
    event.source = "pub";
    event.subject = "thing-1";
    event.org = "store-12";
    event.time_ms = 1'700'000'000'000;
    event.data = R"({"n":1})";
    job.kind = "work";
    job.key = "k";
    job.org = "store-13";
    job.payload = "payload";
  }

  Result<void> deliver() {
    auto prepared = consumer->prepare(event);
    if (!prepared) return prepared.error();
    return bench.store_do([&](storage::Session& session) {
      return consumer->handle(session, event, prepared->get());
    });
  }
};

TEST_F(Delivery, AFailureIsAnErrorWithItsReasonAndUndoesTheWrite) {
  bench.script.handle["pub.thing.done"] = [&](fc_handle call, void*) -> fc_status {
    bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')");
    const fc_view why = view("no such member");
    bench.script.host->fail(call, &why);
    return FC_E_NOT_FOUND;
  };
  const auto delivered = deliver();
  ASSERT_FALSE(delivered);
  EXPECT_EQ(delivered.error().code, Code::not_found);
  EXPECT_NE(delivered.error().message.find("no such member"), std::string::npos);
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 0);
}

TEST_F(Delivery, ATypeWithoutHandlerIsAnError) {
  event.type = "pub.thing.unheard";
  EXPECT_EQ(deliver().error().code, Code::not_found);
}

TEST_F(Delivery, ADrainedGenerationTakesNoMore) {
  ASSERT_TRUE(bench.generation->drain(5'000));
  EXPECT_EQ(deliver().error().code, Code::unavailable);
}

TEST_F(Delivery, AFailedPrepareFreesWhatItLeft) {
  int finished = 0;
  bench.script.prepare["pub.thing.done"] = [](fc_handle, void**) -> fc_status {
    return FC_E_UNAVAILABLE;
  };
  bench.script.finish = [&](void*) { ++finished; };
  EXPECT_EQ(deliver().error().code, Code::unavailable);
  EXPECT_EQ(finished, 1);
}

TEST_F(Delivery, AnEventIsSeenAsItWasPublishedInItsOrg) {
  bench.script.handle["pub.thing.done"] = [&](fc_handle call, void*) {
    const std::pair<uint32_t, const char*> rows[] = {
        {FC_EVENT_ID, "evt_1"},        {FC_EVENT_TYPE, "pub.thing.done"},
        {FC_EVENT_SOURCE, "pub"},      {FC_EVENT_SUBJECT, "thing-1"},
        {FC_EVENT_DATA, R"({"n":1})"}, {FC_EVENT_TIME, "2023-11-14T22:13:20Z"}};
    fc_view value{};
    for (const auto& [attribute, expected] : rows) {
      EXPECT_EQ(bench.script.events->received(call, attribute, &value), FC_OK);
      EXPECT_EQ(text(value), expected);
    }
    EXPECT_EQ(bench.script.events->received(call, 99, &value), FC_E_INVALID);
    EXPECT_EQ(bench.script.http->body(call, &value), FC_E_STATE);
    EXPECT_EQ(bench.script.jobs->received(call, FC_JOB_KEY, &value), FC_E_STATE);
    EXPECT_EQ(bench.script.org->caller(call, &value), FC_OK);
    EXPECT_EQ(text(value), "event");
    EXPECT_EQ(bench.script.org->current(call, &value), FC_OK);
    EXPECT_EQ(text(value), "store-12");
    const fc_view sibling = view("store-13");
    const fc_view group = view("group");
    EXPECT_EQ(bench.script.org->adopt(call, &sibling), FC_E_DENIED);
    EXPECT_EQ(bench.script.org->adopt(call, &group), FC_OK);
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')"), FC_OK);
    return FC_OK;
  };
  const auto delivered = deliver();
  EXPECT_TRUE(delivered) << delivered.error().message;
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 1);
}

TEST_F(Delivery, ASecondRunIsTheSameRun) {
  std::vector<std::string> ids;
  bench.script.handle["pub.thing.done"] = [&](fc_handle call, void*) {
    const fc_view prefix = view("a");
    fc_view id{};
    EXPECT_EQ(bench.script.ids->make(call, &prefix, &id), FC_OK);
    ids.push_back(text(id));
    return FC_OK;
  };
  auto prepared = consumer->prepare(event);
  ASSERT_TRUE(prepared);
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(bench.store_do([&](storage::Session& session) {
      return consumer->handle(session, event, prepared->get());
    }));
    bench.clock.advance_ms(5);
  }
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0], ids[1]);
}

TEST_F(Delivery, AJobRunsInItsOrgWithItsPayload) {
  std::string seen;
  bench.script.handle["work"] = [&](fc_handle call, void*) {
    fc_view value{};
    EXPECT_EQ(bench.script.jobs->received(call, FC_JOB_KEY, &value), FC_OK);
    seen = text(value);
    EXPECT_EQ(bench.script.jobs->received(call, FC_JOB_PAYLOAD, &value), FC_OK);
    seen += " " + text(value);
    EXPECT_EQ(bench.script.org->current(call, &value), FC_OK);
    seen += " " + text(value);
    EXPECT_EQ(bench.script.org->caller(call, &value), FC_OK);
    seen += " " + text(value);
    return FC_OK;
  };
  auto prepared = runner->prepare(job);
  ASSERT_TRUE(prepared);
  EXPECT_TRUE(bench.store_do(
      [&](storage::Session& session) { return runner->handle(session, job, prepared->get()); }));
  EXPECT_EQ(seen, "k payload store-13 job");
}

}  // namespace
}  // namespace forecourt::plugin::test
