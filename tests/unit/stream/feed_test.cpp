#include "stream/feed.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "org/snapshot_builder.hpp"

namespace forecourt::stream {
namespace {

constexpr const char* k_key = "key_1";

/// One org and a key that may be taken away.
class Tree final : public org::Directory {
 public:
  Tree() { set(true, 0); }
  void set(bool has_key, int64_t expires_at_ms) {
    org::SnapshotBuilder builder;
    builder.add(org::Org{"group", "", "group", "group", "UTC"});
    if (has_key) {
      builder.add(org::Key{k_key, "group", "reader", {"events:read"}, expires_at_ms, 0},
                  org::Digest{1});
    }
    auto built = builder.build(1);
    std::lock_guard lock(mutex_);
    snapshot_ = std::move(built);
  }
  std::shared_ptr<const org::Snapshot> snapshot() const override {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const org::Snapshot> snapshot_;
};

/// A client: what it was answered, and what came since.
class Client final : public http::StreamingExchange {
 public:
  explicit Client(std::string_view caller, int64_t ends_ms = 0) {
    request_.caller = caller;
    request_.org = "group";
    request_.credential_ends_ms = ends_ms;
  }
  const http::Request& request() const override { return request_; }
  bool abandoned() const override { return false; }
  void answer(http::Response response) override { begin(std::move(response), nullptr); }
  void stream(http::Response head, std::shared_ptr<http::BodySource> source) override {
    begin(std::move(head), std::move(source));
  }
  http::Response answered() {
    wait([this] { return response_.status != 0; });
    std::lock_guard lock(mutex_);
    return response_;
  }
  /// Whether the stream ends within the bound; `text` gets all that came.
  bool ends(std::string& text) {
    return wait([this] { return !take(); }) && (text = text_, true);
  }
  bool is_open() {
    std::lock_guard lock(mutex_);
    return source_ && take();
  }
  void close() {
    std::lock_guard lock(mutex_);
    source_->closed();
  }

 private:
  void begin(http::Response response, std::shared_ptr<http::BodySource> source) {
    std::lock_guard lock(mutex_);
    response_ = std::move(response);
    source_ = std::move(source);
  }
  bool take() {
    std::string piece;
    const bool more = source_->take(piece);
    text_ += piece;
    return more;
  }
  template <class Holds>
  bool wait(Holds&& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < until) {
      {
        std::lock_guard lock(mutex_);
        if (holds()) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return false;
  }

  http::Request request_;
  std::mutex mutex_;
  http::Response response_ = [] {
    http::Response none;
    none.status = 0;
    return none;
  }();
  std::shared_ptr<http::BodySource> source_;
  std::string text_;
};

class FeedTest : public testing::Test {
 protected:
  FeedTest() {
    Feed::Parts parts;
    parts.clock = &clock_;
    parts.directory = &tree_;
    parts.look = [this](const std::function<void(const Feed::Sources&)>& work) {
      ++looks_;
      work({});
    };
    feed_ = std::make_unique<Feed>(std::move(parts));
  }
  std::shared_ptr<Client> open(std::string_view caller = k_key, int64_t ends_ms = 0) {
    auto client = std::make_shared<Client>(caller, ends_ms);
    feed_->handle(client);
    return client;
  }
  /// Whether the feed looks at its readers a few times more.
  bool looks_on() {
    const int before = looks_;
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (looks_ < before + 3 && std::chrono::steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return looks_ >= before + 3;
  }

  ManualClock clock_;
  Tree tree_;
  std::atomic<int> looks_{0};
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedTest, AnswersTheStreamOneTooManyWith503UntilThereIsRoomAgain) {
  constexpr size_t k_streams = 256;
  std::vector<std::shared_ptr<Client>> clients;
  for (size_t i = 0; i < k_streams; ++i) clients.push_back(open());
  for (const auto& client : clients) ASSERT_EQ(client->answered().status, 200);
  const http::Response full = open()->answered();
  EXPECT_EQ(full.status, 503);
  EXPECT_NE(full.body.find("\"overloaded\""), std::string::npos) << full.body;
  const std::pair<std::string, std::string> come_back{"Retry-After", "5"};
  ASSERT_EQ(full.headers.size(), 1u);
  EXPECT_EQ(full.headers[0], come_back);
  clients[7]->close();
  ASSERT_TRUE(looks_on());
  EXPECT_EQ(open()->answered().status, 200);
}

TEST_F(FeedTest, EndsWithTheTokenItWasOpenedWith) {
  const auto client = open("jwt_5f", clock_.now_ms() + 60'000);
  const auto other = open("jwt_60", clock_.now_ms() + 600'000);
  ASSERT_EQ(client->answered().status, 200);
  ASSERT_EQ(other->answered().status, 200);
  clock_.advance_ms(59'999);
  ASSERT_TRUE(looks_on());
  EXPECT_TRUE(client->is_open());
  clock_.advance_ms(1);
  std::string text;
  ASSERT_TRUE(client->ends(text));
  EXPECT_NE(text.find("event: end\ndata: {\"reason\":\"the token has expired\"}"),
            std::string::npos)
      << text;
  EXPECT_TRUE(other->is_open());
  // Whether its issuer's key was taken away shows when it is shown again.
  clock_.advance_ms(240'001);
  ASSERT_TRUE(other->ends(text));
  EXPECT_NE(text.find("must be shown again"), std::string::npos) << text;
}

TEST_F(FeedTest, EndsWithItsApiKey) {
  const auto expiring = open();
  ASSERT_EQ(expiring->answered().status, 200);
  tree_.set(true, clock_.now_ms() + 1'000);
  ASSERT_TRUE(looks_on());
  EXPECT_TRUE(expiring->is_open());
  clock_.advance_ms(1'000);
  std::string text;
  ASSERT_TRUE(expiring->ends(text));
  EXPECT_NE(text.find("the API key has expired"), std::string::npos) << text;
  tree_.set(true, 0);
  const auto revoked = open();
  ASSERT_EQ(revoked->answered().status, 200);
  tree_.set(false, 0);
  ASSERT_TRUE(revoked->ends(text));
  EXPECT_NE(text.find("the API key was revoked"), std::string::npos) << text;
}

}  // namespace
}  // namespace forecourt::stream
