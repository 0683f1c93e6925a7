#include "events/outbox.hpp"

#include "events/parking.hpp"
#include "unit/events/events_fixture.hpp"

namespace forecourt::events::test {
namespace {

class Outbox : public Events {
 protected:
  Result<void> try_to_publish(const std::function<void(Event&)>& change) {
    Event event;
    event.id = "evt_1";
    event.type = "payments.payment.verified";
    event.source = "payments";
    event.subject = "wx-1";
    event.org = "store-12";
    event.time_ms = 1'700'000'000'123;
    event.data = "{}";
    event.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
    change(event);
    return payments->lane().run_now(
        [&event](Session& session) { return events::publish(session, event); });
  }
};

TEST_F(Outbox, RefusesTextsThatAreMissingTooLongOrNotUtf8) {
  EXPECT_EQ(try_to_publish([](Event& e) { e.id = ""; }).error().code, Code::invalid);
  EXPECT_EQ(try_to_publish([](Event& e) { e.type = ""; }).error().code, Code::invalid);
  EXPECT_EQ(try_to_publish([](Event& e) { e.source = ""; }).error().code, Code::invalid);
  EXPECT_EQ(try_to_publish([](Event& e) { e.subject = std::string(1025, 'x'); }).error().code,
            Code::invalid);
  EXPECT_EQ(try_to_publish([](Event& e) { e.subject = "\xff"; }).error().code, Code::invalid);
  const Result<void> large =
      try_to_publish([](Event& e) { e.data = std::string(256 * 1024 + 1, ' '); });
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().message, "event: data has 262145 bytes; at most 262144 are taken");
  EXPECT_EQ(number(*payments, "SELECT count(*) FROM fc_outbox"), 0);
}

TEST_F(Outbox, KeepsEveryAttribute) {
  ASSERT_TRUE(try_to_publish([](Event&) {}).ok());
  ASSERT_TRUE(try_to_publish([](Event& e) { e.subject = ""; }).ok());
  read(*payments, [](Session& session) -> Result<void> {
    Result<std::vector<Event>> events = read_outbox(session, 0, 10);
    EXPECT_TRUE(events.ok() && events->size() == 2);
    const Event& event = (*events)[0];
    EXPECT_EQ(event.number, 1);
    EXPECT_EQ(event.id, "evt_1");
    EXPECT_EQ(event.type, "payments.payment.verified");
    EXPECT_EQ(event.source, "payments");
    EXPECT_EQ(event.subject, "wx-1");
    EXPECT_EQ(event.org, "store-12");
    EXPECT_EQ(event.time_ms, 1'700'000'000'123);
    EXPECT_EQ(event.data, "{}");
    EXPECT_EQ(event.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_TRUE(event.sampled);
    return {};
  });
}

TEST_F(Outbox, KeepsThatATraceIsNotRecordedAlsoWhileItIsParked) {
  ASSERT_TRUE(try_to_publish([](Event& e) { e.sampled = false; }).ok());
  std::vector<Event> found;
  read(*payments, [&](Session& session) -> Result<void> {
    Result<std::vector<Event>> events = read_outbox(session, 0, 10);
    if (events) found = *events;
    return {};
  });
  ASSERT_EQ(found.size(), 1u);
  ASSERT_TRUE(payments->lane()
                  .run_now([&](Session& session) {
                    return set_aside(session, {0, "payments", "epoch", found[0],
                                               std::string(k_parked), 8, 0, "no"});
                  })
                  .ok());
  read(*payments, [&](Session& session) -> Result<void> {
    Result<std::vector<ParkedRow>> rows = all_rows(session);
    if (rows && !rows->empty()) found.push_back(rows->front().event);
    return {};
  });
  ASSERT_EQ(found.size(), 2u);
  for (const Event& event : found) {
    EXPECT_FALSE(event.sampled);
    EXPECT_EQ(event.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  }
}

TEST_F(Outbox, AnEventGoesWithTheTransactionThatWroteIt) {
  const Result<void> failed = payments->lane().run_now([](Session& session) -> Result<void> {
    Event event;
    event.id = "evt_1";
    event.type = "payments.payment.verified";
    event.source = "payments";
    Result<void> written = events::publish(session, event);
    return written ? Result<void>(Error{Code::conflict, "changed its mind"}) : written;
  });
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(number(*payments, "SELECT count(*) FROM fc_outbox"), 0);
}

TEST_F(Outbox, NeverGivesANumberTwice) {
  publish({"a", "b"});
  write(*payments, "DELETE FROM fc_outbox");
  publish({"c"});
  read(*payments, [](Session& session) -> Result<void> {
    Result<std::vector<Event>> events = read_outbox(session, 0, 10);
    EXPECT_TRUE(events.ok() && events->size() == 1);
    EXPECT_EQ((*events)[0].number, 3);
    Result<int64_t> head = outbox_head(session);
    EXPECT_TRUE(head.ok());
    EXPECT_EQ(*head, 3);
    return {};
  });
}

}  // namespace
}  // namespace forecourt::events::test
