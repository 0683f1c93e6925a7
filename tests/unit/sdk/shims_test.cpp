#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <stdexcept>
#include <string>

#include "fake_host.hpp"

namespace {

struct Body {
  int64_t points = 0;
};
FORECOURT_FIELDS(Body, points)

/// Counts what is alive, to see what finish frees.
struct Parsed {
  explicit Parsed(int64_t value) : points(value) { ++alive; }
  ~Parsed() { --alive; }
  Parsed(const Parsed&) = delete;
  int64_t points;
  static inline int alive = 0;
};

// What handlers do.
fc::Reply answers(fc::Call&) { return fc::created(Body{3}).header("X-Kind", "a"); }
fc::Reply answers_an_error(fc::Call&) { return fc::problem(409, "used", "used already"); }
fc::Reply answers_an_error_and_commits(fc::Call&) {
  return fc::problem(409, "used", "used already").and_commit();
}
fc::Reply answers_a_forbidden_header(fc::Call&) {
  return fc::reply(200).header("Content-Length", "1");
}
Body answers_a_struct(fc::Call&) { return {4}; }
void answers_nothing(fc::Call&) {}
Body doubles(fc::Call&, const Body& body) { return {body.points * 2}; }
fc::Reply refuses(fc::Call&) { fc::refuse(404, "not-found", "no such note"); }
fc::Reply refuses_and_commits(fc::Call&) {
  throw fc::Refusal{fc::problem(429, "limit", "later").and_commit()};
}
fc::Reply throws_error(fc::Call&) { throw fc::Error(FC_E_CONFLICT, "exists already"); }
fc::Reply throws_error_without_status(fc::Call&) { throw fc::Error(FC_OK, "odd"); }
fc::Reply throws_exception(fc::Call&) { throw std::runtime_error("broken"); }
fc::Reply throws_bad_alloc(fc::Call&) { throw std::bad_alloc(); }
fc::Reply throws_int(fc::Call&) { throw 3; }
fc::Reply asks_in_vain(fc::Call& call) {
  call.execute("SELECT");
  return fc::reply(200);
}
fc::Reply answers_without_throwing(fc::Call&) noexcept { return fc::reply(204); }

fc::Prepared<Parsed> prepares(fc::Call& call) {
  return std::make_unique<Parsed>(call.body_as<Body>().points);
}
fc::Prepared<Parsed> prepares_nothing(fc::Call&) { return std::unique_ptr<Parsed>(); }
fc::Prepared<Parsed> prepare_answers(fc::Call&) { return fc::problem(403, "forbidden", "forged"); }
fc::Prepared<Parsed> prepare_refuses(fc::Call&) { fc::refuse(403, "forbidden", "forged"); }
fc::Prepared<Parsed> prepare_throws(fc::Call&) { throw fc::Error(FC_E_INVALID, "not parsable"); }
Body handles_prepared(fc::Call&, const Parsed& parsed) { return {parsed.points + 1}; }

std::string seen;
void consumes(fc::Call&, const fc::Event& event) {
  seen =
      std::string(event.type) + " " + std::string(event.subject) + " " + event.data()["fen"].dump();
}
void refuses_event(fc::Call&, const fc::Event&) { fc::refuse(404, "not-found", "no such member"); }
void throws_at_event(fc::Call&, const fc::Event&) { throw std::runtime_error("broken"); }
void runs(fc::Call&, const fc::Job& job) {
  seen = std::string(job.key) + " " + std::string(job.payload);
}
std::unique_ptr<Parsed> prepares_event(fc::Call&, const fc::Event& event) {
  return std::make_unique<Parsed>(event.data()["fen"].integer());
}
void handles_prepared_event(fc::Call&, const fc::Event&, const Parsed& parsed) {
  seen = std::to_string(parsed.points);
}
std::unique_ptr<Parsed> prepares_job(fc::Call&, const fc::Job& job) {
  return std::make_unique<Parsed>(static_cast<int64_t>(job.key.size()));
}
void handles_prepared_job(fc::Call&, const fc::Job&, const Parsed& parsed) {
  seen = std::to_string(parsed.points);
}

class Shims : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(fc::detail::open_instance(host_.table(), &instance_), FC_OK); }
  void TearDown() override {
    fc::detail::close_instance(instance_);
    EXPECT_EQ(Parsed::alive, 0);
  }
  fc_status run(const fc_handler& handler, void* prepared = nullptr) {
    return handler.handle(instance_, FakeHost::k_call, prepared);
  }
  fc_status prepare(const fc_handler& handler, void** prepared) {
    return handler.prepare(instance_, FakeHost::k_call, prepared);
  }

  FakeHost host_;
  void* instance_ = nullptr;
};

TEST_F(Shims, ARefusalIsSentAndUndoesTheWrites) {
  EXPECT_EQ(run(fc::operation<refuses>("a")), FC_E_ROLLBACK);
  EXPECT_EQ(host_.reply_status, 404);
  EXPECT_EQ(host_.failure, "");
}

TEST_F(Shims, ARefusalThatCommitsKeepsTheWrites) {
  EXPECT_EQ(run(fc::operation<refuses_and_commits>("a")), FC_OK);
  EXPECT_EQ(host_.reply_status, 429);
}

TEST_F(Shims, AnErrorIsItsStatusAndText) {
  EXPECT_EQ(run(fc::operation<throws_error>("a")), FC_E_CONFLICT);
  EXPECT_EQ(host_.failure, "exists already");
  EXPECT_EQ(host_.reply_status, 0);
}

TEST_F(Shims, AnErrorNeverBecomesSuccess) {
  EXPECT_EQ(run(fc::operation<throws_error_without_status>("a")), FC_E_INTERNAL);
}

TEST_F(Shims, AnythingElseThrownIsInternal) {
  EXPECT_EQ(run(fc::operation<throws_exception>("a")), FC_E_INTERNAL);
  EXPECT_EQ(host_.failure, "broken");
  EXPECT_EQ(run(fc::operation<throws_bad_alloc>("a")), FC_E_INTERNAL);
  EXPECT_EQ(run(fc::operation<throws_int>("a")), FC_E_INTERNAL);
  EXPECT_EQ(host_.failure, "an exception of unknown type");
}

TEST_F(Shims, AFailureOfTheHostKeepsTheHostsText) {
  host_.query_status = FC_E_CONSTRAINT;
  host_.failure = "the host's words";
  EXPECT_EQ(run(fc::operation<asks_in_vain>("a")), FC_E_CONSTRAINT);
  EXPECT_EQ(host_.failure, "the host's words");
}

TEST_F(Shims, ABodyOfTheWrongShapeIsInvalidWithItsPlace) {
  host_.body = R"({"points":"three"})";
  EXPECT_EQ(run(fc::operation<doubles>("a")), FC_E_INVALID);
  EXPECT_EQ(host_.failure, "points: expected an integer");
}

TEST_F(Shims, AReplyTheHostDoesNotTakeFailsTheCall) {
  host_.service_status = FC_E_LIMIT;
  EXPECT_EQ(run(fc::operation<answers>("a")), FC_E_LIMIT);
  host_.service_status = FC_OK;
  EXPECT_EQ(run(fc::operation<answers_a_forbidden_header>("a")), FC_E_INVALID);
}

TEST_F(Shims, WithoutHttpTheCallIsDeniedByName) {
  host_.without = FC_SERVICE_HTTP;
  void* instance = nullptr;
  ASSERT_EQ(fc::detail::open_instance(host_.table(), &instance), FC_OK);
  EXPECT_EQ(fc::operation<answers>("a").handle(instance, FakeHost::k_call, nullptr), FC_E_DENIED);
  EXPECT_EQ(host_.failure, "fc.http/1 is not granted to this plugin");
  fc::detail::close_instance(instance);
}

TEST_F(Shims, AnErrorReplyUndoesTheWritesUnlessItCommits) {
  EXPECT_EQ(run(fc::operation<answers_an_error>("a")), FC_E_ROLLBACK);
  EXPECT_EQ(host_.reply_status, 409);
  EXPECT_EQ(run(fc::operation<answers_an_error_and_commits>("a")), FC_OK);
  EXPECT_EQ(host_.reply_status, 409);
}

TEST_F(Shims, AReplyIsHandedOverWhole) {
  EXPECT_EQ(run(fc::operation<answers>("a")), FC_OK);
  EXPECT_EQ(host_.reply_status, 201);
  EXPECT_EQ(host_.reply_media_type, "application/json");
  EXPECT_EQ(host_.reply_body, R"({"points":3})");
  EXPECT_EQ(host_.reply_headers.at(0).first, "X-Kind");
}

TEST_F(Shims, AStructIsAnsweredAsJsonAndNothingAs204) {
  EXPECT_EQ(run(fc::operation<answers_a_struct>("a")), FC_OK);
  EXPECT_EQ(host_.reply_status, 200);
  EXPECT_EQ(host_.reply_body, R"({"points":4})");
  EXPECT_EQ(run(fc::operation<answers_nothing>("a")), FC_OK);
  EXPECT_EQ(host_.reply_status, 204);
  EXPECT_EQ(run(fc::operation<answers_without_throwing>("a")), FC_OK);
}

TEST_F(Shims, ABodyIsReadIntoTheHandlersStruct) {
  host_.body = R"({"points":21})";
  EXPECT_EQ(run(fc::operation<doubles>("a")), FC_OK);
  EXPECT_EQ(host_.reply_body, R"({"points":42})");
}

TEST_F(Shims, PrepareThatThrowsLeavesNothing) {
  const auto handler = fc::operation<prepare_throws, handles_prepared>("a");
  void* prepared = nullptr;
  EXPECT_EQ(prepare(handler, &prepared), FC_E_INVALID);
  EXPECT_EQ(host_.failure, "not parsable");
  EXPECT_EQ(prepared, nullptr);
  handler.finish(instance_, prepared);
}

TEST_F(Shims, PrepareThatAnswersEndsTheCall) {
  void* prepared = nullptr;
  EXPECT_EQ(prepare(fc::operation<prepare_answers, handles_prepared>("a"), &prepared), FC_DONE);
  EXPECT_EQ(host_.reply_status, 403);
  host_.reply_status = 0;
  EXPECT_EQ(prepare(fc::operation<prepare_refuses, handles_prepared>("a"), &prepared), FC_DONE);
  EXPECT_EQ(host_.reply_status, 403);
  EXPECT_EQ(prepared, nullptr);
}

TEST_F(Shims, PrepareThatMakesNothingIsAMistake) {
  void* prepared = nullptr;
  EXPECT_EQ(prepare(fc::operation<prepares_nothing, handles_prepared>("a"), &prepared),
            FC_E_INTERNAL);
  EXPECT_EQ(run(fc::operation<prepares, handles_prepared>("a")), FC_E_INTERNAL);
}

TEST_F(Shims, WhatPrepareMadeReachesEveryRunAndIsFreedOnce) {
  host_.body = R"({"points":21})";
  const auto handler = fc::operation<prepares, handles_prepared>("a");
  void* prepared = nullptr;
  ASSERT_EQ(prepare(handler, &prepared), FC_OK);
  EXPECT_EQ(run(handler, prepared), FC_OK);
  EXPECT_EQ(run(handler, prepared), FC_OK);
  EXPECT_EQ(host_.reply_body, R"({"points":22})");
  EXPECT_EQ(Parsed::alive, 1);
  handler.finish(instance_, prepared);
}

TEST_F(Shims, ARefusedEventIsAFailedAttemptWithItsReason) {
  EXPECT_EQ(run(fc::event<refuses_event>("a.b.c")), FC_E_INVALID);
  EXPECT_NE(host_.failure.find("no such member"), std::string::npos);
  EXPECT_EQ(host_.reply_status, 0);
  EXPECT_EQ(run(fc::event<throws_at_event>("a.b.c")), FC_E_INTERNAL);
}

TEST_F(Shims, AnEventThatCannotBeReadFailsWithTheHostsStatus) {
  host_.service_status = FC_E_STATE;
  EXPECT_EQ(run(fc::event<consumes>("a.b.c")), FC_E_STATE);
}

TEST_F(Shims, EventsAndJobsArriveWithTheirAttributes) {
  EXPECT_EQ(run(fc::event<consumes>("payments.payment.verified")), FC_OK);
  EXPECT_EQ(seen, "payments.payment.verified pay_1 100");
  EXPECT_EQ(run(fc::job<runs>("forget")), FC_OK);
  EXPECT_EQ(seen, "note_1 payload");
}

TEST_F(Shims, EventsAndJobsCanPrepareToo) {
  for (const fc_handler& handler : {fc::event<prepares_event, handles_prepared_event>("a.b.c"),
                                    fc::job<prepares_job, handles_prepared_job>("forget")}) {
    void* prepared = nullptr;
    ASSERT_EQ(prepare(handler, &prepared), FC_OK);
    EXPECT_EQ(run(handler, prepared), FC_OK);
    EXPECT_EQ(seen, handler.kind == FC_EVENT ? "100" : "6");
    handler.finish(instance_, prepared);
  }
}

}  // namespace

namespace entry {

FORECOURT_PLUGIN("sample", "1.2.3", fc::operation<answers>("answer"),
                 fc::event<consumes>("payments.payment.verified"))

TEST(Entry, RefusesAHostOfAnotherMajor) { EXPECT_EQ(fc_plugin_entry_1(FC_ABI_MAJOR + 1), nullptr); }

TEST(Entry, DescribesThePlugin) {
  const fc_plugin* plugin = fc_plugin_entry_1(FC_ABI_MAJOR);
  ASSERT_NE(plugin, nullptr);
  EXPECT_EQ(plugin->size, sizeof(fc_plugin));
  EXPECT_STREQ(plugin->id, "sample");
  EXPECT_STREQ(plugin->version, "1.2.3");
  ASSERT_EQ(plugin->handler_count, 2u);
  EXPECT_STREQ(plugin->handlers[0]->name, "answer");
  EXPECT_EQ(plugin->handlers[1]->kind, FC_EVENT);
}

}  // namespace entry
