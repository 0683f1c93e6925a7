// The stream of events of the real host.

#include <gtest/gtest.h>

#include "e2e/support/event_stream.hpp"
#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;

void pay(Scene& scene, int number) {
  const std::string n = std::to_string(number);
  const auto call =
      scene.wechat.payment("EV-S" + n, {"46000" + n, "order-s" + n, "openid-s" + n, 700});
  EXPECT_EQ(scene.host.client("").post(scene.notify_path(), call.body, call.headers).status / 100,
            2);
}

constexpr const char* k_verified = "?types=payments.payment.verified";

/// The order the next payment is of; empty: none came.
std::string next_order(EventStream& stream) {
  EventStream::Event event;
  if (!stream.next(event)) return {};
  const auto body = json::parse(event.data);
  const json::Value* data = body ? json::find(*body, "data") : nullptr;
  return data ? std::string(json::text(*data, "out_trade_no")) : event.type;
}

TEST(Stream, IsRefusedWithoutTheScopeOrWithATokenOfNobody) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const Answer made =
      admin.post("/admin/v1/keys", R"({"org":"store-12","name":"till","scopes":["coupons:read"]})");
  EXPECT_EQ(EventStream(scene.host.port(), text_of(made, "key")).status(), 403);
  EXPECT_EQ(EventStream(scene.host.port(), "no such key").status(), 401);
  EXPECT_EQ(EventStream(scene.host.port(), k_admin_key, "", "made-up").status(), 400);
  EXPECT_EQ(EventStream(scene.host.port(), k_admin_key, "?types=,").status(), 400);
}

TEST(Stream, GoesOnBehindTheLastEventAcrossAKilledHost) {
  Scene scene;
  std::string after;
  {
    EventStream stream(scene.host.port(), k_admin_key, k_verified);
    ASSERT_EQ(stream.status(), 200);
    pay(scene, 1);
    EXPECT_EQ(next_order(stream), "order-s1");
    after = stream.last_id();
    pay(scene, 2);
  }
  scene.host.kill();
  scene.host.start();
  ASSERT_NE(scene.host.port(), 0) << scene.host.output();
  pay(scene, 3);
  EventStream stream(scene.host.port(), k_admin_key, k_verified, after);
  ASSERT_EQ(stream.status(), 200);
  EXPECT_EQ(next_order(stream), "order-s2");
  EXPECT_EQ(next_order(stream), "order-s3");
  pay(scene, 4);
  EXPECT_EQ(next_order(stream), "order-s4");
}

TEST(Stream, ShowsAForeignOrgNothingAndEndsWithItsKey) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const Answer made =
      admin.post("/admin/v1/keys", R"({"org":"store-99","name":"x","scopes":["events:read"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  EventStream foreign(scene.host.port(), text_of(made, "key"));
  EventStream own(scene.host.port(), scene.key_of("store-12"), k_verified);
  ASSERT_EQ(foreign.status(), 200);
  ASSERT_EQ(own.status(), 200);
  pay(scene, 1);
  EXPECT_EQ(next_order(own), "order-s1");
  EXPECT_EQ(admin.send("DELETE", "/admin/v1/keys/" + text_of(made, "id")).status, 204);
  EventStream::Event event;
  ASSERT_TRUE(foreign.next(event));
  EXPECT_EQ(event.type, "end") << "the first thing it is told: " << event.data;
  EXPECT_NE(event.data.find("revoked"), std::string::npos);
  EXPECT_FALSE(foreign.next(event));
  EXPECT_TRUE(foreign.ended());
}

TEST(Stream, EndsWhenTheHostIsToldToStopAndDoesNotHoldItUp) {
  Scene scene;
  EventStream stream(scene.host.port(), k_admin_key);
  ASSERT_EQ(stream.status(), 200);
  EXPECT_EQ(scene.host.terminate(), 0) << scene.host.output();
  EventStream::Event event;
  while (stream.next(event)) {
  }
  EXPECT_TRUE(stream.ended());
}

}  // namespace
}  // namespace e2e
