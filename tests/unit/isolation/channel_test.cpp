#include "isolation/channel.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace forecourt::isolation {
namespace {

/// Two ends, each with its reading thread.
class Channels : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    near_ = std::make_shared<Channel>(ends[0], 1u << 20);
    far_ = std::make_shared<Channel>(ends[1], 1u << 20);
    far_thread_ = std::thread([this] {
      Channel::Hooks hooks;
      hooks.frame = [this](const Frame& frame) -> Result<void> {
        if (frame.kind == Kind::ask)
          far_->answer(frame.number, frame.verb == 1
                                         ? Result<std::string>(std::string(frame.payload))
                                         : Result<std::string>(not_found("nothing")));
        if (frame.kind == Kind::tell) told_ += frame.payload.size();
        return {};
      };
      far_->run(hooks);
    });
    near_thread_ = std::thread([this] {
      Channel::Hooks hooks;
      hooks.frame = [](const Frame&) { return Result<void>(); };
      why_ = near_->run(hooks);
    });
  }
  void TearDown() override {
    near_->close();
    far_->close();
    near_thread_.join();
    far_thread_.join();
  }

  std::atomic<size_t> told_{0};
  Error why_;
  std::shared_ptr<Channel> near_;
  std::shared_ptr<Channel> far_;
  std::thread near_thread_;
  std::thread far_thread_;
};

TEST_F(Channels, AnErrorComesBackAsOne) {
  auto answer = near_->ask_and_wait(2, "x", std::chrono::seconds(20));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::not_found);
  EXPECT_EQ(answer.error().message, "nothing");
}

TEST_F(Channels, AnswersReachWhoeverAskedWhateverTheirOrderAndSize) {
  std::vector<std::thread> askers;
  std::atomic<int> right{0};
  for (int i = 0; i < 8; ++i) {
    askers.emplace_back([this, i, &right] {
      for (int j = 0; j < 50; ++j) {
        const std::string body(static_cast<size_t>(i * 20'000 + j), static_cast<char>('a' + i));
        auto answer = near_->ask_and_wait(1, body, std::chrono::seconds(20));
        if (answer && *answer == body) ++right;
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(right, 8 * 50);
}

TEST_F(Channels, WhatIsAskedOfAnEndThatIsGoneIsAnswered) {
  far_->close();
  auto answer = near_->ask_and_wait(1, "x", std::chrono::seconds(20));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::unavailable);
}

TEST_F(Channels, MoreThanTheSocketHoldsIsWrittenWhenThereIsRoom) {
  constexpr size_t k_pieces = 200;
  const std::string piece(50'000, 'x');
  for (size_t i = 0; i < k_pieces; ++i)
    ASSERT_TRUE(
        near_->send(Kind::tell, 0, 0, piece, i % 2 ? Channel::Leave::soon : Channel::Leave::now));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (told_ != k_pieces * piece.size() && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  EXPECT_EQ(told_, k_pieces * piece.size());
}

TEST_F(Channels, WhoAsksWithinARoundDoesNotWaitForItsEnd) {
  const Round round;
  ASSERT_TRUE(near_->send(Kind::tell, 0, 0, "before"));
  auto answer = near_->ask_and_wait(1, "x", std::chrono::seconds(20));
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, "x");
}

/// One end, and the bytes that have left it.
class OneChannel : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    channel_ = std::make_shared<Channel>(ends[0], 1u << 20);
    other_ = ends[1];
  }
  void TearDown() override { ::close(other_); }

  size_t arrived() {
    std::vector<char> bytes(1u << 20);
    const ssize_t n = ::recv(other_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    return n < 0 ? 0 : static_cast<size_t>(n);
  }

  std::shared_ptr<Channel> channel_;
  int other_ = -1;
};

TEST_F(OneChannel, WhatIsSentInARoundLeavesWithItsEnd) {
  {
    const Round round;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(channel_->send(Kind::tell, 0, 0, "abcd"));
    EXPECT_EQ(arrived(), 0u);
  }
  EXPECT_EQ(arrived(), 3 * (k_head_bytes + 4));
  ASSERT_TRUE(channel_->send(Kind::tell, 0, 0, "abcd"));
  EXPECT_EQ(arrived(), k_head_bytes + 4);
}

TEST_F(OneChannel, ARoundDoesNotGatherWithoutEnd) {
  const std::string piece(10'000, 'x');
  const Round round;
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(channel_->send(Kind::tell, 0, 0, piece));
  EXPECT_GE(arrived(), 5 * piece.size());
}

/// Whoever sent it must not take for undone what the other side may have done.
TEST(Channel, AFrameThatArrivedIsNeverSaidNotToHaveLeft) {
  for (int i = 0; i < 5'000; ++i) {
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    Channel channel(ends[0], 1u << 20);
    std::atomic<bool> arrived{false};
    std::thread other([&] {
      char frame[64];
      arrived = ::recv(ends[1], frame, sizeof frame, 0) > 0;
      channel.close();
    });
    const bool left = channel.send(Kind::call, 0, 1, "write");
    if (!left) channel.close();
    other.join();
    ::close(ends[1]);
    ASSERT_EQ(left, arrived) << "try " << i;
  }
}

}  // namespace
}  // namespace forecourt::isolation
