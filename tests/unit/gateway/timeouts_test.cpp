// What bounds a client's claim on time and memory. The clock is turned by hand.
#include <optional>

#include "gateway/server.hpp"
#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

const std::string k_key = "Host: x\r\nAuthorization: Bearer secret-admin\r\n";

class TimeoutsTest : public ServerFixture {
 protected:
  std::string metrics() {
    RawClient client(server_->port());
    client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return client.read().body;
  }
  bool metrics_hold(const std::string& line) {
    return eventually([&] { return metrics().find(line + "\n") != std::string::npos; });
  }
};

TEST_F(TimeoutsTest, GivesUpOnAHeadThatDoesNotArrive) {
  start();
  RawClient client(server_->port());
  client.send("GET /v1/demo HTTP/1.1\r\nHost:");
  ASSERT_TRUE(metrics_hold("forecourt_http_connections 2"));
  clock_.advance_ms(9'000);
  client.send(" x\r\n");
  clock_.advance_ms(2'000);
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(client.closed() || (clock_.advance_ms(2'000), client.closed()));
}

TEST_F(TimeoutsTest, ClosesAnIdleConnection) {
  start();
  RawClient client(server_->port());
  client.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_EQ(client.read().status, 200);
  clock_.advance_ms(76'000);
  std::string rest;
  EXPECT_TRUE(client.read_to_end(rest));
  EXPECT_EQ(rest, "");
}

TEST_F(TimeoutsTest, KeepsAnIdleConnectionForAWhile) {
  start();
  RawClient client(server_->port());
  client.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_EQ(client.read().status, 200);
  clock_.advance_ms(70'000);
  std::string rest;
  EXPECT_FALSE(client.read_to_end(rest, 300));
  client.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(TimeoutsTest, GivesUpOnABodyThatTrickles) {
  start();
  RawClient client(server_->port());
  client.send("POST /v1/demo HTTP/1.1\r\n" + k_key +
              "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{");
  ASSERT_TRUE(metrics_hold("forecourt_http_body_bytes_in_memory 1"));
  clock_.advance_ms(6'000);
  EXPECT_EQ(client.read().status, 408);
  EXPECT_TRUE(metrics_hold("forecourt_http_body_bytes_in_memory 0"));
}

TEST_F(TimeoutsTest, AnswersForAHandlerThatDoesNot) {
  std::vector<std::shared_ptr<http::Exchange>> kept;
  std::atomic<int> count{0};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    kept.push_back(std::move(exchange));
    ++count;
  }));
  RawClient reading(server_->port());
  reading.send("GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n");
  RawClient writing(server_->port());
  writing.send("PUT /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "Content-Length: 1\r\n\r\nx");
  ASSERT_TRUE(eventually([&] { return count == 2; }));
  clock_.advance_ms(6'500);
  const RawResponse late_read = reading.read();
  EXPECT_EQ(late_read.status, 504);
  EXPECT_NE(late_read.body.find("deadline-exceeded"), std::string::npos);
  const RawResponse late_write = writing.read();
  EXPECT_EQ(late_write.status, 503);
  EXPECT_NE(late_write.body.find("outcome-unknown"), std::string::npos);
  for (auto& exchange : kept) {
    EXPECT_TRUE(exchange->abandoned());
    exchange->answer(text(200, "late"));
  }
  reading.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(reading.read().status, 200);
}

TEST_F(TimeoutsTest, DropsAClientThatDoesNotReadItsAnswer) {
  const std::string body(16 << 20, 'a');
  start(std::make_shared<TestHandler>(
      [&](std::shared_ptr<http::Exchange> exchange) { exchange->answer(text(200, body)); }));
  RawClient client(server_->port(), 4096);
  client.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  ASSERT_TRUE(metrics_hold("forecourt_http_connections 2"));
  ASSERT_TRUE(
      eventually([&] { return metrics().find("operation=\"hello\"") != std::string::npos; }));
  clock_.advance_ms(31'000);
  EXPECT_TRUE(metrics_hold("forecourt_http_connections 1"));
}

TEST_F(TimeoutsTest, DropsASlowReaderWhenAllOfThemHoldTooMuch) {
  options_.limits.unsent_bytes = 20 << 20;
  const std::string body(16 << 20, 'a');
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    exchange->answer(text(200, body, "image/png"));
  }));
  RawClient first(server_->port(), 4096);
  first.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  ASSERT_TRUE(eventually([&] { return metrics().find("status=\"200\"} 1") != std::string::npos; }));
  RawClient second(server_->port(), 4096);
  second.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_FALSE(second.read().complete);
  EXPECT_EQ(first.read().body.size(), body.size());
  EXPECT_TRUE(metrics_hold("forecourt_http_answer_bytes_unsent 0"));
}

TEST_F(TimeoutsTest, CountsNoRequestAsWorkBeforeItsBodyIsThere) {
  options_.limits.in_flight = 1;
  start();
  RawClient slow(server_->port());
  slow.send("POST /v1/demo HTTP/1.1\r\n" + k_key +
            "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  RawClient other(server_->port());
  other.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_EQ(other.read().status, 200);
}

TEST_F(TimeoutsTest, ReadsNoFurtherThanALittleAheadOfTheRequestItServes) {
  std::atomic<int> count{0};
  std::shared_ptr<http::Exchange> kept;
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    kept = std::move(exchange);
    ++count;
  }));
  RawClient client(server_->port());
  std::string flood;
  for (int i = 0; i < 10'000; ++i) flood += "GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n";
  std::atomic<bool> sent_all{false};
  std::thread sender([&] {
    bool going = true;
    for (int i = 0; i < 100 && going; ++i) going = client.send(flood);
    sent_all = going;
  });
  ASSERT_TRUE(eventually([&] { return count == 1; }));
  // The kernel's buffers fill, ours do not: the sender gets stuck, with one request being served.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_EQ(count, 1);
  EXPECT_FALSE(sent_all);
  server_->stop();
  sender.join();
}

TEST_F(TimeoutsTest, RefusesRequestsAboveTheNumberInFlight) {
  options_.limits.in_flight = 2;
  std::vector<std::shared_ptr<http::Exchange>> kept;
  std::atomic<int> count{0};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    kept.push_back(std::move(exchange));
    ++count;
  }));
  RawClient first(server_->port());
  RawClient second(server_->port());
  RawClient third(server_->port());
  first.send("GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n");
  second.send("GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n");
  ASSERT_TRUE(eventually([&] { return count == 2; }));
  third.send("GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n");
  const RawResponse response = third.read();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.at("retry-after"), "1");
  EXPECT_NE(response.body.find("\"code\":\"overloaded\""), std::string::npos);
  for (auto& exchange : kept) exchange->answer(text(200, "ok"));
  EXPECT_EQ(first.read().status, 200);
}

class OverloadTest : public TimeoutsTest {
 protected:
  const std::string k_request = "GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n";

  void SetUp() override {
    options_.limits.in_flight = 1;
    start(std::make_shared<TestHandler>([this](std::shared_ptr<http::Exchange> exchange) {
      kept_.push_back(std::move(exchange));
      ++count_;
    }));
    busy_.emplace(server_->port());
    busy_->send(k_request);
    ASSERT_TRUE(eventually([&] { return count_ == 1; }));
    hasty_.emplace(server_->port());
    hasty_->send(k_request);
    ASSERT_EQ(hasty_->read().status, 503);
    hasty_->send(k_request);  // at once again
  }

  void finish_first() {
    const auto first = std::move(kept_.front());
    kept_.clear();
    first->answer(text(200, "ok"));
  }

  std::vector<std::shared_ptr<http::Exchange>> kept_;
  std::atomic<int> count_{0};
  std::optional<RawClient> busy_;
  std::optional<RawClient> hasty_;
};

TEST_F(OverloadTest, WhoAsksAgainAtOnceIsNotRefusedAgainAtOnce) {
  std::string rest;
  EXPECT_FALSE(hasty_->read_to_end(rest, 300));
  EXPECT_EQ(rest, "");
}

TEST_F(OverloadTest, WhoAskedAgainAtOnceIsRefusedAgainAfterAWhile) {
  clock_.advance_ms(2'100);
  EXPECT_EQ(hasty_->read().status, 503);
  EXPECT_EQ(count_, 1);
}

TEST_F(OverloadTest, WhoAskedAgainAtOnceIsServedWhenThereIsRoom) {
  finish_first();
  EXPECT_EQ(busy_->read().status, 200);
  ASSERT_TRUE(eventually([&] { return count_ == 2; }));
  kept_.front()->answer(text(200, "served"));
  EXPECT_EQ(hasty_->read().body, "served");
}

TEST_F(OverloadTest, WhoWasRefusedAndLeavesIsForgotten) {
  hasty_.reset();
  finish_first();
  EXPECT_EQ(busy_->read().status, 200);
  busy_->send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(busy_->read().status, 200);
}

TEST_F(TimeoutsTest, RefusesBodiesAboveTheMemoryForThem) {
  options_.limits.buffered_bytes = 100'000;
  start();
  RawClient client(server_->port());
  client.send("POST /v1/demo HTTP/1.1\r\n" + k_key +
              "Content-Type: application/json\r\nContent-Length: 200000\r\n\r\n" +
              std::string(200'000, ' '));
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.headers.at("retry-after"), "1");
  EXPECT_TRUE(metrics_hold("forecourt_http_body_bytes_in_memory 0"));
}

TEST_F(TimeoutsTest, TurnsAwayConnectionsAboveTheCap) {
  options_.limits.connections = 2;
  start();
  RawClient first(server_->port());
  RawClient second(server_->port());
  for (RawClient* client : {&first, &second}) {
    client->send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
    EXPECT_EQ(client->read().status, 200);
  }
  RawClient third(server_->port());
  EXPECT_EQ(third.read().status, 503);
  EXPECT_TRUE(third.closed());
}

// ---- drain

TEST_F(TimeoutsTest, DrainClosesIdleConnectionsAndFinishesBusyOnes) {
  std::shared_ptr<http::Exchange> kept;
  std::atomic<bool> there{false};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    if (exchange->request().operation_id == "hello") return exchange->answer(text(200, "{}"));
    kept = std::move(exchange);
    there = true;
  }));
  RawClient idle(server_->port());
  idle.send("GET /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_EQ(idle.read().status, 200);
  auto busy = std::make_unique<RawClient>(server_->port());
  busy->send("GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n");
  ASSERT_TRUE(eventually([&] { return there.load(); }));

  bool drained = false;
  std::thread drain([&] { drained = server_->drain(10'000); });
  EXPECT_TRUE(idle.closed());
  kept->answer(text(200, "\"done\""));
  const RawResponse response = busy->read();
  EXPECT_EQ(response.body, "\"done\"");
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_TRUE(busy->closed());
  busy.reset();
  drain.join();
  EXPECT_TRUE(drained);
}

TEST_F(TimeoutsTest, DrainGivesUpAtItsDeadline) {
  std::atomic<bool> there{false};
  std::shared_ptr<http::Exchange> kept;
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    kept = std::move(exchange);
    there = true;
  }));
  RawClient busy(server_->port());
  busy.send("GET /v1/demo/items/1 HTTP/1.1\r\n" + k_key + "\r\n");
  ASSERT_TRUE(eventually([&] { return there.load(); }));
  EXPECT_FALSE(server_->drain(50));
}

}  // namespace
}  // namespace forecourt::gateway::testing
