// Webhooks of the real host to a real receiver on loopback.

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <sstream>

#include "e2e/support/event_stream.hpp"
#include "e2e/support/scene.hpp"
#include "support/http_receiver.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;
using forecourt::test::HttpReceiver;

HostProcess::Options loopback() {
  HostProcess::Options options;
  options.environment["FORECOURT_WEBHOOKS_REACH"] = "loopback";
  return options;
}

std::string create(HttpClient& client, const std::string& org, const std::string& url) {
  const Answer made =
      client.post("/admin/v1/webhooks", "{\"org\":\"" + org + "\",\"url\":\"" + url +
                                            "\",\"types\":[\"payments.payment.verified\"]}");
  EXPECT_EQ(made.status, 201) << made.body;
  return text_of(made, "id");
}

/// A payment at store-12, acknowledged.
void pay(Scene& scene, HttpClient& channel, int number) {
  const std::string n = std::to_string(number);
  const auto call =
      scene.wechat.payment("EV-W" + n, {"45000" + n, "order-w" + n, "openid-w" + n, 700});
  Headers headers = call.headers;
  headers.emplace_back("traceparent", "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01");
  EXPECT_EQ(channel.post(scene.notify_path(), call.body, headers).status / 100, 2);
}

/// The order a delivery tells of.
std::string order_of(const HttpReceiver::Request& request) {
  const auto body = json::parse(request.body);
  const json::Value* data = body ? json::find(*body, "data") : nullptr;
  return data ? std::string(json::text(*data, "out_trade_no")) : std::string();
}

TEST(Webhooks, TellOfAnOrgsOwnEventsWithTheTraceOfTheRequest) {
  HttpReceiver group;
  HttpReceiver foreign;
  Scene scene(loopback());
  HttpClient admin = scene.host.client();
  create(admin, "group", group.url());
  create(admin, "store-99", foreign.url());
  HttpClient channel = scene.host.client("");
  pay(scene, channel, 1);
  ASSERT_TRUE(group.wait_for(1));
  HttpReceiver::Request request = group.requests()[0];
  EXPECT_EQ(order_of(request), "order-w1") << request.body;
  EXPECT_EQ(request.headers["traceparent"].substr(3, 32), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(request.headers["webhook-signature"].rfind("v1,", 0), 0u);
  EXPECT_TRUE(foreign.requests().empty());
}

/// The flags say that the caller does not record this trace; that goes all the way too.
TEST(Webhooks, TheTraceOfARequestGoesThroughLogsEventsAndTheEventsTheyCause) {
  const std::string trace = "5f92f3577b34da6a3ce929d0e0e47361";
  HttpReceiver receiver;
  Scene scene(loopback());
  HttpClient admin = scene.host.client();
  EXPECT_EQ(admin
                .post("/admin/v1/webhooks",
                      R"({"org":"group","types":["membership.member.enrolled"],"url":")" +
                          receiver.url() + R"("})")
                .status,
            201);
  EventStream stream(scene.host.port(), k_admin_key,
                     "?types=payments.payment.verified,membership.member.enrolled");
  ASSERT_EQ(stream.status(), 200);
  HttpClient channel = scene.host.client("");
  const auto call = scene.wechat.payment("EV-T", {"450009", "order-trace", "openid-trace", 700});
  Headers headers = call.headers;
  headers.emplace_back("traceparent", "00-" + trace + "-00f067aa0ba902b7-00");
  EXPECT_EQ(channel.post(scene.notify_path(), call.body + " ", headers).status / 100, 4)
      << "the signature is of other bytes";
  EXPECT_EQ(channel.post(scene.notify_path(), call.body, headers).status / 100, 2);

  std::set<std::string> types;
  EventStream::Event event;
  while (types.size() < 2 && stream.next(event)) {
    const auto body = json::parse(event.data);
    ASSERT_TRUE(body.ok()) << event.data;
    const std::string parent(json::text(*body, "traceparent"));
    EXPECT_EQ(parent.substr(0, 36), "00-" + trace + "-") << event.type;
    EXPECT_EQ(parent.substr(52), "-00") << event.type;
    types.insert(event.type);
  }
  EXPECT_EQ(types.size(), 2u) << "one published by a request, one by what it caused";
  ASSERT_TRUE(receiver.wait_for(1));
  HttpReceiver::Request delivered = receiver.requests()[0];
  EXPECT_EQ(delivered.headers["traceparent"].substr(0, 36), "00-" + trace + "-");
  EXPECT_EQ(delivered.headers["traceparent"].substr(52), "-00");

  ASSERT_EQ(scene.host.terminate(), 0);
  std::istringstream lines(scene.host.output());
  std::string line;
  bool logged = false;
  while (std::getline(lines, line)) {
    if (line.find("callback refused") == std::string::npos) continue;
    logged = true;
    EXPECT_NE(line.find("\"trace_id\":\"" + trace + "\""), std::string::npos) << line;
  }
  EXPECT_TRUE(logged) << "a plugin's own line";
}

TEST(Webhooks, LoseNothingWhenTheHostIsKilledWhileTheyAreDelivered) {
  constexpr int k_rounds = 2;
  constexpr int k_payments = 25;
  HttpReceiver receiver;
  Scene scene(loopback());
  {
    HttpClient admin = scene.host.client();
    create(admin, "group", receiver.url());
  }
  int number = 0;
  for (int round = 0; round < k_rounds; ++round) {
    if (!scene.host.running()) scene.host.start();
    ASSERT_NE(scene.host.port(), 0) << scene.host.output();
    HttpClient channel = scene.host.client("");
    for (int i = 0; i < k_payments; ++i) pay(scene, channel, number++);
    scene.host.kill();
  }
  scene.host.start();
  ASSERT_NE(scene.host.port(), 0) << scene.host.output();

  std::map<std::string, std::set<std::string>> bodies;  // of an order
  const bool all = eventually([&] {
    bodies.clear();
    for (const HttpReceiver::Request& request : receiver.requests())
      bodies[order_of(request)].insert(request.body);
    return bodies.size() == static_cast<size_t>(number);
  });
  EXPECT_TRUE(all) << bodies.size() << " of " << number << " arrived\n" << scene.host.output();
  for (const auto& [order, texts] : bodies)
    EXPECT_EQ(texts.size(), 1u) << order << ": a repeat has the same bytes";
}

}  // namespace
}  // namespace e2e
