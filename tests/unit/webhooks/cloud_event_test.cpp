#include "events/cloud_event.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"

namespace forecourt::events {
namespace {

Event payment() {
  Event event;
  event.id = "evt_1";
  event.type = "payments.payment.verified";
  event.source = "payments";
  event.subject = "order \"7\"";
  event.org = "store-12";
  event.time_ms = 1'700'000'000'000;
  event.data = R"({"amount_fen":100})";
  event.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  return event;
}

TEST(CloudEvent, WithoutAValidTraceIdHasNoTraceparent) {
  Event event = payment();
  for (const char* trace :
       {"", "4bf9", "00000000000000000000000000000000", "4BF92F3577B34DA6A3CE929D0E0E4736",
        "not hex at all, but 32 characters"}) {
    event.trace_id = trace;
    EXPECT_EQ(traceparent_of(event), "") << trace;
    EXPECT_EQ(cloud_event_json(event).find("traceparent"), std::string::npos) << trace;
  }
}

TEST(CloudEvent, HasTheAttributesOfTheSpecification) {
  EXPECT_EQ(cloud_event_json(payment()),
            R"({"specversion":"1.0","id":"evt_1","type":"payments.payment.verified",)"
            R"("source":"payments","subject":"order \"7\"","time":"2023-11-14T22:13:20Z",)"
            R"("org":"store-12","traceparent":")" +
                traceparent_of(payment()) +
                R"(","datacontenttype":"application/json","data":{"amount_fen":100}})");
  EXPECT_TRUE(json::parse(cloud_event_json(payment())).ok());
}

TEST(CloudEvent, TraceparentKeepsTheTraceAndIsTheEventsOwn) {
  const std::string trace = traceparent_of(payment());
  ASSERT_EQ(trace.size(), 55u);
  EXPECT_EQ(trace.substr(0, 36), "00-4bf92f3577b34da6a3ce929d0e0e4736-");
  EXPECT_EQ(trace.substr(52), "-01");
  EXPECT_EQ(trace, traceparent_of(payment()));
  Event quiet = payment();
  quiet.sampled = false;
  EXPECT_EQ(traceparent_of(quiet), trace.substr(0, 52) + "-00");
  Event other = payment();
  other.id = "evt_2";
  EXPECT_NE(trace, traceparent_of(other));
}

}  // namespace
}  // namespace forecourt::events
