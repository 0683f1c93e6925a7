#include "plugin/bridge.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace forecourt::plugin::test {
namespace {

TEST(Bridge, AnExceptionAcrossTheEdgeIsAnAnswer500AndUndoesTheWrite) {
  Bench bench;
  bench.script.handle["change"] = [&](fc_handle call, void*) -> fc_status {
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')"), FC_OK);
    throw std::runtime_error("escaped");
  };
  EXPECT_EQ(bench.call("change").status, 500);
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 0);
}

TEST(Bridge, AStatusTheAbiDoesNotKnowIsAnAnswer500) {
  Bench bench;
  for (const fc_status garbage : {77, -77, INT32_MIN, INT32_MAX}) {
    bench.script.handle["compute"] = [&](fc_handle call, void*) {
      bench.script.reply(call, 200, "fine");
      return garbage;
    };
    EXPECT_EQ(bench.call("compute").status, 500) << garbage;
  }
}

TEST(Bridge, ErrorStatusesBecomeProblemsWithTheReasonGiven) {
  Bench bench;
  const std::pair<fc_status, int> rows[] = {
      {FC_E_INVALID, 400},    {FC_E_DENIED, 403},   {FC_E_NOT_FOUND, 404}, {FC_E_CONFLICT, 409},
      {FC_E_CONSTRAINT, 409}, {FC_E_LIMIT, 429},    {FC_E_CANCELLED, 504}, {FC_E_UNAVAILABLE, 503},
      {FC_E_READ_ONLY, 507},  {FC_E_INTERNAL, 500}, {FC_E_STALE, 500}};
  for (const auto& [status, http_status] : rows) {
    bench.script.handle["change"] = [&, status = status](fc_handle call, void*) {
      const fc_view why = view("because");
      bench.script.host->fail(call, &why);
      return status;
    };
    const http::Response answer = bench.call("change");
    EXPECT_EQ(answer.status, http_status) << status;
    EXPECT_EQ(answer.body.find("because") != std::string::npos, http_status < 500) << answer.body;
  }
}

TEST(Bridge, RollbackUndoesTheWriteAndSendsTheReply) {
  Bench bench;
  bench.script.handle["change"] = [&](fc_handle call, void*) {
    bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')");
    bench.script.reply(call, 409, "taken");
    return FC_E_ROLLBACK;
  };
  const http::Response answer = bench.call("change");
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body, "taken");
  EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 0);
}

TEST(Bridge, AStatusWithoutTheReplyItPromisesIsAnAnswer500AndUndoesTheWrite) {
  Bench bench;
  for (const fc_status promising : {FC_E_ROLLBACK, FC_DONE}) {
    bench.script.handle["change"] = [&](fc_handle call, void*) {
      bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')");
      return promising;
    };
    EXPECT_EQ(bench.call("change").status, 500) << promising;
    EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), 0) << promising;
  }
}

TEST(Bridge, OkCommitsWhateverTheStatusOfTheReply) {
  Bench bench;
  int64_t written = 0;
  for (const int http_status : {200, 409, 500, 503}) {
    bench.script.handle["change"] = [&, http_status](fc_handle call, void*) {
      bench.script.execute(call,
                           "INSERT INTO thing(id) VALUES('" + std::to_string(http_status) + "')");
      bench.script.reply(call, http_status, "counted");
      return FC_OK;
    };
    EXPECT_EQ(bench.call("change").status, http_status);
    EXPECT_EQ(bench.count("SELECT count(*) FROM thing"), ++written) << http_status;
  }
}

TEST(Bridge, OkWithoutAReplyIs204) {
  Bench bench;
  for (const char* operation : {"compute", "quick", "look", "change"}) {
    EXPECT_EQ(bench.call(operation).status, 204) << operation;
  }
}

TEST(Bridge, TheLastReplyOfARunWins) {
  Bench bench;
  bench.script.handle["compute"] = [&](fc_handle call, void*) {
    bench.script.reply(call, 200, "first");
    bench.script.reply(call, 201, "second");
    return FC_OK;
  };
  auto exchange = bench.send("compute");
  EXPECT_EQ(exchange->wait().body, "second");
  EXPECT_EQ(exchange->answers(), 1);
}

TEST(Bridge, AWriteInAReadIsRefusedAndTheReadGoesOn) {
  Bench bench;
  fc_status refused = FC_OK;
  bench.script.handle["look"] = [&](fc_handle call, void*) {
    refused = bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')");
    bench.script.reply(call, 200,
                       std::to_string(bench.script.number(call, "SELECT count(*) FROM thing")));
    return FC_OK;
  };
  EXPECT_EQ(bench.call("look").body, "0");
  EXPECT_EQ(refused, FC_E_STATE);
}

TEST(Bridge, AnOperationWithoutDatabaseHasNoSql) {
  Bench bench;
  fc_status refused = FC_OK;
  bench.script.handle["compute"] = [&](fc_handle call, void*) {
    refused = bench.script.execute(call, "SELECT 1");
    return FC_OK;
  };
  bench.call("compute");
  EXPECT_EQ(refused, FC_E_STATE);
}

TEST(Bridge, AnAbandonedReadIsNotRun) {
  Bench bench;
  bool ran = false;
  bench.script.handle["look"] = [&](fc_handle, void*) {
    ran = true;
    return FC_OK;
  };
  auto exchange = bench.exchange("look");
  exchange->abandon();
  bench.bridge->handle(exchange);
  EXPECT_EQ(exchange->wait().status, 504);
  EXPECT_FALSE(ran);
}

TEST(Bridge, APastDeadlineIsCancelledForTheHandler) {
  Bench bench;
  int32_t before = -1;
  int32_t after = -1;
  bench.script.handle["compute"] = [&](fc_handle call, void*) {
    before = bench.script.host->cancelled(call);
    EXPECT_EQ(bench.script.host->deadline_ms(call), bench.clock.now_ms() + 5'000);
    bench.clock.advance_ms(6'000);
    after = bench.script.host->cancelled(call);
    return FC_E_CANCELLED;
  };
  EXPECT_EQ(bench.call("compute").status, 504);
  EXPECT_EQ(before, 0);
  EXPECT_EQ(after, 1);
}

TEST(Bridge, WhatPrepareLeftReachesHandleAndIsFreedOnce) {
  Bench bench;
  int left = 0;
  std::vector<void*> freed;
  void* handed = nullptr;
  bench.script.prepare["prepared"] = [&](fc_handle call, void** prepared) {
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')"), FC_E_STATE);
    EXPECT_EQ(bench.script.number(call, "SELECT count(*) FROM thing"), 0);
    *prepared = &left;
    return FC_OK;
  };
  bench.script.handle["prepared"] = [&](fc_handle call, void* prepared) {
    handed = prepared;
    EXPECT_EQ(bench.script.execute(call, "INSERT INTO thing(id) VALUES('a')"), FC_OK);
    bench.script.reply(call, 201, "made");
    return FC_OK;
  };
  bench.script.finish = [&](void* prepared) { freed.push_back(prepared); };
  EXPECT_EQ(bench.call("prepared").status, 201);
  EXPECT_TRUE(bench.generation->drain(5'000));
  EXPECT_EQ(handed, &left);
  EXPECT_EQ(freed, std::vector<void*>{&left});
}

TEST(Bridge, PrepareThatIsDoneSkipsTheLaneAndStillFinishes) {
  Bench bench;
  bool handled = false;
  int finished = 0;
  bench.script.prepare["prepared"] = [&](fc_handle call, void**) {
    bench.script.reply(call, 200, "known");
    return FC_DONE;
  };
  bench.script.handle["prepared"] = [&](fc_handle, void*) {
    handled = true;
    return FC_OK;
  };
  bench.script.finish = [&](void*) { ++finished; };
  EXPECT_EQ(bench.call("prepared").body, "known");
  EXPECT_TRUE(bench.generation->drain(5'000));
  EXPECT_FALSE(handled);
  EXPECT_EQ(finished, 1);
}

TEST(Bridge, AFailedPrepareEndsTheCallAndStillFinishes) {
  Bench bench;
  int finished = 0;
  bench.script.prepare["prepared"] = [&](fc_handle, void**) -> fc_status { return FC_E_DENIED; };
  bench.script.finish = [&](void*) { ++finished; };
  EXPECT_EQ(bench.call("prepared").status, 403);
  EXPECT_TRUE(bench.generation->drain(5'000));
  EXPECT_EQ(finished, 1);
}

TEST(Bridge, ADrainedGenerationHandsLateRequestsToItsSuccessor) {
  Bench old;
  Bench fresh;
  fresh.script.handle["compute"] = [&](fc_handle call, void*) {
    fresh.script.reply(call, 200, "from the new one");
    return FC_OK;
  };
  old.bridge->set_successor(fresh.bridge);
  ASSERT_TRUE(old.generation->drain(5'000));
  EXPECT_EQ(old.call("compute").body, "from the new one");
}

TEST(Bridge, ADrainedGenerationWithoutSuccessorAnswers503) {
  Bench bench;
  ASSERT_TRUE(bench.generation->drain(5'000));
  EXPECT_EQ(bench.script.drained, 1);
  EXPECT_EQ(bench.call("compute").status, 503);
}

}  // namespace
}  // namespace forecourt::plugin::test
