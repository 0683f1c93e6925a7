// How requests are framed, answered and kept apart on one connection.
#include <future>

#include "base/round.hpp"
#include "gateway/server.hpp"
#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

class HttpTest : public ServerFixture {};

const std::string k_key = "Host: x\r\nAuthorization: Bearer secret-admin\r\n";
const std::string k_json = "Content-Type: application/json\r\n";

std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\n" + k_key + more + "\r\n";
}
std::string post(const std::string& body, const std::string& more = "") {
  return "POST /v1/demo HTTP/1.1\r\n" + k_key + k_json + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string chunked(const std::string& chunks, const std::string& more = "") {
  return "POST /v1/demo HTTP/1.1\r\n" + k_key + k_json + more +
         "Transfer-Encoding: chunked\r\n\r\n" + chunks;
}
const std::string k_ada_chunks =
    "5\r\n{\"nam\r\n9;x=\"y\"\r\ne\":\"Ada\"}\r\n0\r\nX-Sum: 1\r\n\r\n";

// ---- methods and versions

TEST_F(HttpTest, RefusesAnUnknownMethodAndKeepsTheConnection) {
  start();
  RawClient client(server_->port());
  client.send("BREW /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_EQ(client.read().status, 501);
  client.send("get /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  EXPECT_EQ(client.read().status, 501);
  client.send(get("/v1/demo"));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, RefusesAMethodThePathDoesNotHaveAndNamesThoseItHas) {
  start();
  RawClient client(server_->port());
  client.send("DELETE /v1/demo HTTP/1.1\r\n" + k_key + "\r\n");
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.at("allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(HttpTest, AnswersOptionsWithTheMethods) {
  start();
  RawClient client(server_->port());
  client.send("OPTIONS /v1/demo/items/7 HTTP/1.1\r\n" + k_key +
              "\r\nOPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.at("allow"), "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(response.headers.count("content-length"), 0u);
  EXPECT_EQ(client.read().status, 204);
}

TEST_F(HttpTest, AnswersHeadLikeGetWithoutTheBody) {
  start();
  RawClient client(server_->port());
  client.send(get("/v1/demo/items/7",
                  "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
  const RawResponse full = client.read();
  client.send("HEAD /v1/demo/items/7 HTTP/1.1\r\n" + k_key +
              "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n" +
              get("/v1/demo"));
  const RawResponse head = client.read(true);
  EXPECT_EQ(head.headers, full.headers);
  // What follows is the next answer, not a body.
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, ClosesAfterAnHttp10Request) {
  start();
  RawClient client(server_->port());
  client.send("GET /v1/demo HTTP/1.0\r\nAuthorization: Bearer secret-admin\r\n\r\n" +
              get("/v1/demo"));
  std::string bytes;
  ASSERT_TRUE(client.read_to_end(bytes));
  EXPECT_EQ(bytes.find("HTTP/1.1 200 OK"), 0u);
  EXPECT_EQ(bytes.find("HTTP/1.1 ", 9), std::string::npos);
}

TEST_F(HttpTest, KeepsAnHttp10ConnectionThatAsksForIt) {
  start();
  RawClient client(server_->port());
  for (int i = 0; i < 2; ++i) {
    client.send(
        "GET /v1/demo HTTP/1.0\r\nConnection: keep-alive\r\nAuthorization: Bearer "
        "secret-admin\r\n\r\n");
    const RawResponse response = client.read();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.at("connection"), "keep-alive");
  }
}

TEST_F(HttpTest, AcceptsTheAbsoluteFormOfItsOwnHost) {
  start();
  RawClient client(server_->port());
  client.send(get("http://x/v1/demo?name=Ada"));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, IgnoresOneEmptyLineBeforeARequest) {
  start();
  RawClient client(server_->port());
  client.send("\r\n" + get("/v1/demo") + "\r\n" + get("/v1/demo"));
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.read().status, 200);
}

// ---- keep-alive and pipelining

TEST_F(HttpTest, ClosesWhenAsked) {
  start();
  RawClient client(server_->port());
  client.send(get("/v1/demo", "Connection: close\r\n") + get("/v1/demo"));
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("connection"), "close");
  std::string rest;
  ASSERT_TRUE(client.read_to_end(rest));
  EXPECT_EQ(rest, "");
}

TEST_F(HttpTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(server_->port());
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += i % 3 == 0 ? post("{\"name\":\"n" + std::to_string(i) + "\"}")
                      : get("/v1/demo/items/n" + std::to_string(i));
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    const RawResponse response = client.read();
    EXPECT_EQ(response.status, 200);
    EXPECT_NE(response.body.find("n" + std::to_string(i) + "\\\"}\"") == std::string::npos &&
                  response.body.find("\"n" + std::to_string(i) + "\"") == std::string::npos,
              true)
        << i << response.body;
  }
}

TEST_F(HttpTest, KeepsTheOrderWhenTheFirstAnswerComesLate) {
  std::mutex mutex;
  std::vector<std::shared_ptr<http::Exchange>> waiting;
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    if (exchange->request().operation_id == "hello") return exchange->answer(text(200, "\"fast\""));
    std::lock_guard lock(mutex);
    waiting.push_back(std::move(exchange));
  }));
  RawClient client(server_->port());
  client.send(get("/v1/demo/items/slow") + get("/v1/demo"));
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock(mutex);
    return waiting.size() == 1;
  }));
  std::thread([exchange = waiting[0]] { exchange->answer(text(200, "\"slow\"")); }).join();
  EXPECT_EQ(client.read().body, "\"slow\"");
  EXPECT_EQ(client.read().body, "\"fast\"");
}

TEST_F(HttpTest, AnswersAClientThatClosedItsSide) {
  start();
  RawClient client(server_->port());
  client.send(get("/v1/demo") + get("/v1/demo"));
  client.shutdown_send();
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpTest, CarriesManyAnswersFromOtherThreads) {
  std::mutex mutex;
  std::vector<std::shared_ptr<http::Exchange>> waiting;
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    std::lock_guard lock(mutex);
    waiting.push_back(std::move(exchange));
  }));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 64; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->send(get("/v1/demo/items/" + std::to_string(i)));
  }
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock(mutex);
    return waiting.size() == 64;
  }));
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < waiting.size(); i += 4) {
        waiting[i]->answer(text(200, std::string(waiting[i]->request().parameters[0].value)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int i = 0; i < 64; ++i)
    EXPECT_EQ(clients[static_cast<size_t>(i)]->read().body, std::to_string(i));
}

TEST_F(HttpTest, TakesTheAnswersOfARoundWithItsEnd) {
  std::mutex mutex;
  std::vector<std::shared_ptr<http::Exchange>> waiting;
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    std::lock_guard lock(mutex);
    waiting.push_back(std::move(exchange));
  }));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RawClient>(server_->port()));
    clients.back()->send(get("/v1/demo/items/1"));
  }
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock(mutex);
    return waiting.size() == 8;
  }));
  {
    const Round round;
    for (auto& exchange : waiting) exchange->answer(text(200, "\"there\""));
    // The I/O thread does what it is told in order: an answer would have been taken before this.
    std::promise<void> pong;
    server_->ping([&pong] { pong.set_value(); });
    pong.get_future().wait();
    for (auto& exchange : waiting) EXPECT_GT(exchange.use_count(), 1) << "its session let go of it";
  }
  for (auto& client : clients) EXPECT_EQ(client->read().body, "\"there\"");
}

/// Answers when the round that it was left to ends.
class AnswerAtTheEnd final : public RoundEnd {
 public:
  void round_ended() noexcept override { exchange->answer(text(200, "\"ended\"")); }
  std::shared_ptr<http::Exchange> exchange;
};

TEST_F(HttpTest, EndsTheRoundsOfTheIoThread) {
  const auto end = std::make_shared<AnswerAtTheEnd>();
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    end->exchange = exchange;
    if (!Round::leave(*end)) exchange->answer(text(500, "\"no round\""));
  }));
  RawClient client(server_->port());
  for (int i = 0; i < 3; ++i) {
    client.send(get("/v1/demo/items/1"));
    EXPECT_EQ(client.read().body, "\"ended\"");
  }
}

TEST_F(HttpTest, DropsASecondAnswer) {
  start(std::make_shared<TestHandler>([](std::shared_ptr<http::Exchange> exchange) {
    exchange->answer(text(200, "1"));
    exchange->answer(text(200, "2"));
  }));
  RawClient client(server_->port());
  client.send(get("/v1/demo") + get("/v1/demo"));
  EXPECT_EQ(client.read().body, "1");
  EXPECT_EQ(client.read().body, "1");
}

TEST_F(HttpTest, ToleratesAnAnswerAfterTheServerIsGone) {
  std::shared_ptr<http::Exchange> kept;
  std::atomic<bool> there{false};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    kept = std::move(exchange);
    there = true;
  }));
  RawClient client(server_->port());
  client.send(get("/v1/demo/items/1"));
  ASSERT_TRUE(eventually([&] { return there.load(); }));
  server_.reset();
  EXPECT_TRUE(kept->abandoned());
  kept->answer(text(200, "late"));
}

TEST_F(HttpTest, TellsTheHandlerThatTheClientIsGone) {
  std::shared_ptr<http::Exchange> kept;
  std::atomic<bool> there{false};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    kept = std::move(exchange);
    there = true;
  }));
  RawClient client(server_->port());
  client.send(get("/v1/demo/items/1"));
  ASSERT_TRUE(eventually([&] { return there.load(); }));
  EXPECT_FALSE(kept->abandoned());
  client.abort();
  EXPECT_TRUE(eventually([&] { return kept->abandoned(); }));
}

// ---- bodies

TEST_F(HttpTest, ReadsAChunkedBody) {
  start();
  RawClient client(server_->port());
  client.send(chunked(k_ada_chunks) + get("/v1/demo"));
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_NE(response.body.find("{\\\"name\\\":\\\"Ada\\\"}"), std::string::npos) << response.body;
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, ReadsAChunkedBodyByteByByte) {
  start();
  RawClient client(server_->port());
  for (const char c : chunked(k_ada_chunks)) client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, ReadsAnEmptyChunkedBodyByteByByte) {
  start();
  RawClient client(server_->port());
  for (const char c : chunked("0\r\n\r\n")) client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.read().status, 400);  // the operation wants a body
  client.send(get("/v1/demo"));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, TakesTheCodingsNameInAnyCase) {
  start();
  RawClient client(server_->port());
  client.send("POST /v1/demo HTTP/1.1\r\n" + k_key + k_json + "Transfer-Encoding: Chunked\r\n\r\n" +
              k_ada_chunks);
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, RefusesTinyChunksThatCostMoreThanTheyCarry) {
  options_.limits.parser.chunk_extension_bytes = 256;
  start();
  RawClient client(server_->port());
  std::string chunks;
  for (int i = 0; i < 2000; ++i) chunks += "1;" + std::string(200, 'a') + "\r\nx\r\n";
  client.send(chunked(chunks));
  EXPECT_EQ(client.read().status, 400);
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpTest, SaysContinueOnceItWantsTheBody) {
  start();
  RawClient client(server_->port());
  const std::string body = "{\"name\":\"Ada\"}";
  client.send("POST /v1/demo HTTP/1.1\r\n" + k_key + k_json +
              "Expect: 100-continue\r\nContent-Length: 14\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send(body);
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, RefusesWithoutContinueAndCloses) {
  start();
  RawClient client(server_->port());
  client.send("POST /v1/demo HTTP/1.1\r\n" + k_key + k_json +
              "Expect: 100-continue\r\nContent-Length: 9000000\r\n\r\n");
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpTest, RefusesAnotherExpectation) {
  start();
  RawClient client(server_->port());
  client.send(get("/v1/demo", "Expect: the-best\r\n"));
  EXPECT_EQ(client.read().status, 417);
}

TEST_F(HttpTest, IgnoresAnExpectationOfHttp10) {
  start();
  RawClient client(server_->port());
  client.send("GET /v1/demo HTTP/1.0\r\n" + k_key + "Expect: the-best\r\n\r\n");
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, ReadsAwayASmallRefusedBodyAndGoesOn) {
  start();
  RawClient client(server_->port());
  const std::string body = "{\"name\":\"Ada\"}";
  client.send("POST /v1/demo HTTP/1.1\r\nHost: x\r\n" + k_json + "Content-Length: 14\r\n\r\n" +
              body + "POST /v1/demo HTTP/1.1\r\nHost: x\r\n" + k_json +
              "Transfer-Encoding: chunked\r\n\r\n" + k_ada_chunks + get("/v1/demo"));
  EXPECT_EQ(client.read().status, 401);
  EXPECT_EQ(client.read().status, 401);
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, RefusesATooLargeBodyBeforeReadingIt) {
  start();
  RawClient client(server_->port());
  client.send("POST /v1/demo HTTP/1.1\r\n" + k_key + k_json + "Content-Length: 10485760\r\n\r\n");
  const RawResponse response = client.read();
  EXPECT_EQ(response.status, 413);
  EXPECT_NE(response.body.find("\"code\":\"body-too-large\""), std::string::npos);
  EXPECT_EQ(response.headers.at("connection"), "close");
}

TEST_F(HttpTest, RefusesAChunkedBodyThatGrowsTooLarge) {
  start();
  RawClient client(server_->port());
  client.send(chunked(""));
  const std::string chunk = "10000\r\n" + std::string(65536, ' ') + "\r\n";
  for (int i = 0; i < 20 && client.send(chunk); ++i) {
  }
  EXPECT_EQ(client.read().status, 413);
}

TEST_F(HttpTest, TakesABodyOfExactlyTheLimit) {
  start();
  RawClient client(server_->port());
  const std::string body = "{\"name\":\"Ada\"}";
  client.send(post(body + std::string((1 << 20) - body.size(), ' ')));
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(HttpTest, SpoolsALargeRawBodyToAFileWithoutAName) {
  std::string seen;
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    const http::Blob* blob = exchange->request().blob;
    if (!blob) return exchange->answer(text(500, "no blob"));
    std::string bytes(blob->size(), '\0');
    const auto n = blob->read(0, reinterpret_cast<uint8_t*>(bytes.data()), bytes.size());
    seen = std::move(bytes);
    exchange->answer(text(200, std::to_string(n ? *n : 0)));
  }));
  std::string body;
  for (int i = 0; body.size() < 1'500'000; ++i) body += std::to_string(i) + ",";
  RawClient client(server_->port());
  client.send("PUT /v1/demo/items/big HTTP/1.1\r\n" + k_key +
              "Content-Type: image/png\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  EXPECT_EQ(client.read().body, std::to_string(body.size()));
  EXPECT_EQ(seen, body);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "spool"));
}

TEST_F(HttpTest, KeepsASmallRawBodyInMemoryByteForByte) {
  start();
  RawClient client(server_->port());
  client.send("PUT /v1/demo/items/raw HTTP/1.1\r\n" + k_key +
              "Content-Type: Text/Plain; x=y\r\nContent-Length: 5\r\n\r\na b\r\n");
  const RawResponse response = client.read();
  EXPECT_NE(response.body.find("\"media_type\":\"text/plain\""), std::string::npos)
      << response.body;
  EXPECT_NE(response.body.find("\"body\":\"a b\\r\\n\""), std::string::npos) << response.body;
}

// ---- answers

TEST_F(HttpTest, CompressesTextForThoseWhoTakeIt) {
  std::string body;
  for (int i = 0; i < 500; ++i) body += "{\"n\":" + std::to_string(i) + "}\n";
  start(std::make_shared<TestHandler>(
      [&](std::shared_ptr<http::Exchange> exchange) { exchange->answer(text(200, body)); }));
  RawClient client(server_->port());
  client.send(get("/v1/demo"));
  const RawResponse plain = client.read();
  EXPECT_EQ(plain.body, body);
  EXPECT_EQ(plain.headers.at("vary"), "Accept-Encoding");
  for (const char* accepted : {"gzip", "br, gzip;q=0.5", "*", "GZIP"}) {
    client.send(get("/v1/demo", "Accept-Encoding: " + std::string(accepted) + "\r\n"));
    const RawResponse packed = client.read();
    EXPECT_EQ(packed.headers.at("content-encoding"), "gzip") << accepted;
    EXPECT_LT(packed.body.size(), body.size() / 2);
    EXPECT_EQ(gunzip(packed.body), body);
  }
  for (const char* refused : {"identity", "gzip;q=0", "br", "*;q=0", "gzip;q=0.000, *"}) {
    client.send(get("/v1/demo", "Accept-Encoding: " + std::string(refused) + "\r\n"));
    EXPECT_EQ(client.read().body, body) << refused;
  }
}

TEST_F(HttpTest, SendsALargeCompressedAnswerInChunks) {
  std::string body;
  for (int i = 0; body.size() < 1'000'000; ++i) body += std::to_string(i * 7919) + " ";
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    exchange->answer(text(200, body, "text/plain"));
  }));
  RawClient client(server_->port());
  client.send(get("/v1/demo", "Accept-Encoding: gzip\r\nConnection: close\r\n"));
  std::string bytes;
  ASSERT_TRUE(client.read_to_end(bytes));
  EXPECT_NE(bytes.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(bytes.find("Content-Length"), std::string::npos);
  bool well_formed = false;
  const std::string packed =
      decode_chunked(std::string_view(bytes).substr(bytes.find("\r\n\r\n") + 4), well_formed);
  EXPECT_TRUE(well_formed);
  EXPECT_EQ(gunzip(packed), body);
}

TEST_F(HttpTest, NeverSendsChunksToHttp10) {
  const std::string body(300'000, 'a');
  start(std::make_shared<TestHandler>(
      [&](std::shared_ptr<http::Exchange> exchange) { exchange->answer(text(200, body)); }));
  RawClient client(server_->port());
  client.send("GET /v1/demo HTTP/1.0\r\n" + k_key + "Accept-Encoding: gzip\r\n\r\n");
  const RawResponse response = client.read();
  EXPECT_EQ(response.body, body);
  EXPECT_EQ(response.headers.count("transfer-encoding"), 0u);
}

TEST_F(HttpTest, LeavesOutHeadersAHandlerMayNotSet) {
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    http::Response response = text(200, "{}");
    response.headers = {{"X-Good", "yes"},        {"X-Split", "a\r\nX-Evil: yes"},
                        {"Content-Length", "99"}, {"Transfer-Encoding", "chunked"},
                        {"Bad Name", "x"},        {"Connection", "close"}};
    exchange->answer(std::move(response));
  }));
  RawClient client(server_->port());
  client.send(get("/v1/demo"));
  const RawResponse response = client.read();
  EXPECT_EQ(response.headers.at("x-good"), "yes");
  EXPECT_EQ(response.headers.at("content-length"), "2");
  for (const char* name : {"x-split", "x-evil", "transfer-encoding", "bad name", "connection"}) {
    EXPECT_EQ(response.headers.count(name), 0u) << name;
  }
}

TEST_F(HttpTest, TurnsAnImpossibleStatusIntoA500) {
  start(std::make_shared<TestHandler>(
      [&](std::shared_ptr<http::Exchange> exchange) { exchange->answer(text(100, "{}")); }));
  RawClient client(server_->port());
  client.send(get("/v1/demo"));
  EXPECT_EQ(client.read().status, 500);
}

TEST_F(HttpTest, ContinuesTheCallersTrace) {
  start();
  RawClient client(server_->port());
  client.send(
      get("/v1/demo", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"));
  EXPECT_EQ(client.read().headers.at("x-request-id"), "0af7651916cd43dd8448eb211c80319c");
  client.send(
      get("/v1/demo", "traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n"));
  EXPECT_NE(client.read().headers.at("x-request-id"), "00000000000000000000000000000000");
}

}  // namespace
}  // namespace forecourt::gateway::testing
