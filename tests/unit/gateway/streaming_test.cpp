// Answers that come piece by piece.

#include <deque>

#include "http/streaming.hpp"
#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

/// What a test puts in, comes out.
class TestSource final : public http::BodySource {
 public:
  bool take(std::string& into) override {
    std::lock_guard lock(mutex_);
    into.swap(text_);
    return !ended_;
  }
  void on_ready(std::function<void()> ready) override {
    std::lock_guard lock(mutex_);
    ready_ = std::move(ready);
  }
  void closed() override { closed_ = true; }

  void put(const std::string& text, bool end = false) {
    std::function<void()> ready;
    {
      std::lock_guard lock(mutex_);
      text_ += text;
      ended_ = end;
      ready = ready_;
    }
    if (ready) ready();
  }
  bool is_closed() const { return closed_; }
  bool is_empty() {
    std::lock_guard lock(mutex_);
    return text_.empty();
  }

 private:
  std::mutex mutex_;
  std::string text_;             // guarded by mutex_
  bool ended_ = false;           // guarded by mutex_
  std::function<void()> ready_;  // guarded by mutex_
  std::atomic<bool> closed_{false};
};

class StreamingTest : public ServerFixture {
 protected:
  void SetUp() override {
    start(std::make_shared<TestHandler>([this](std::shared_ptr<http::Exchange> exchange) {
      http::Response head = text(200, "", "text/event-stream");
      std::static_pointer_cast<http::StreamingExchange>(exchange)->stream(head, source_);
    }));
  }
  static std::string request(const std::string& version = "1.1",
                             const std::string& method = "GET") {
    return method + " /v1/demo?name=Ada HTTP/" + version +
           "\r\nHost: x\r\nAuthorization: Bearer secret-admin\r\nAccept-Encoding: gzip\r\n\r\n";
  }
  const std::shared_ptr<TestSource> source_ = std::make_shared<TestSource>();
};

TEST_F(StreamingTest, PiecesArriveAsTheyAreMadeAndTheEndIsTheEnd) {
  RawClient client(server_->port());
  client.send(request());
  std::thread maker([&] {
    for (int i = 0; i < 100; ++i) source_->put("piece " + std::to_string(i) + "\n");
    source_->put("last\n", true);
  });
  const RawResponse response = client.read();
  maker.join();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.at("transfer-encoding"), "chunked");
  EXPECT_EQ(response.headers.at("connection"), "close");
  EXPECT_FALSE(response.headers.contains("content-encoding"));
  EXPECT_TRUE(response.complete);
  bool well_formed = false;
  const std::string body = decode_chunked(response.body, well_formed);
  EXPECT_TRUE(well_formed);
  EXPECT_TRUE(body.starts_with("piece 0\npiece 1\n")) << body;
  EXPECT_TRUE(body.ends_with("piece 99\nlast\n")) << body;
  EXPECT_TRUE(client.closed());
  EXPECT_TRUE(source_->is_closed());
}

TEST_F(StreamingTest, AClientOfHttp10GetsNoChunks) {
  RawClient client(server_->port());
  client.send(request("1.0"));
  source_->put("one\n");
  source_->put("two\n", true);
  std::string bytes;
  ASSERT_TRUE(client.read_to_end(bytes));
  EXPECT_EQ(bytes.find("Transfer-Encoding"), std::string::npos) << bytes;
  EXPECT_TRUE(bytes.ends_with("\r\n\r\none\ntwo\n")) << bytes;
}

TEST_F(StreamingTest, HeadIsAnsweredWithoutAStream) {
  RawClient client(server_->port());
  client.send(request("1.1", "HEAD"));
  EXPECT_EQ(client.read(true).status, 200);
  EXPECT_TRUE(eventually([&] { return source_->is_closed(); }));
}

TEST_F(StreamingTest, ASourceHearsThatItsClientIsGone) {
  auto client = std::make_unique<RawClient>(server_->port());
  client->send(request());
  source_->put("one\n");
  ASSERT_TRUE(eventually([&] { return source_->is_empty(); }));
  client.reset();
  EXPECT_TRUE(eventually([&] { return source_->is_closed(); }));
  source_->put("nobody\n");
}

TEST_F(StreamingTest, AReaderThatTakesNothingIsClosedAndNoMoreIsTakenForIt) {
  RawClient client(server_->port(), 4096);
  client.send(request());
  source_->put(std::string(32 << 20, 'x'));
  ASSERT_TRUE(eventually([&] { return source_->is_empty(); }));
  source_->put("more\n");
  clock_.advance_ms(31'000);
  EXPECT_TRUE(eventually([&] { return source_->is_closed(); }));
  EXPECT_FALSE(source_->is_empty());
}

TEST_F(StreamingTest, DrainEndsAStreamAtOnce) {
  RawClient client(server_->port());
  client.send(request());
  source_->put("one\n");
  ASSERT_TRUE(eventually([&] { return source_->is_empty(); }));
  bool drained = false;
  std::thread drain([&] { drained = server_->drain(10'000); });
  const RawResponse response = client.read();
  EXPECT_TRUE(response.complete);
  bool well_formed = false;
  EXPECT_EQ(decode_chunked(response.body, well_formed), "one\n");
  EXPECT_TRUE(well_formed);
  EXPECT_TRUE(client.closed());
  clock_.advance_ms(2'000);
  drain.join();
  EXPECT_TRUE(drained);
  EXPECT_TRUE(source_->is_closed());
}

}  // namespace
}  // namespace forecourt::gateway::testing
