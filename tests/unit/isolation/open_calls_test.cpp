#include "isolation/open_calls.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "isolation/remote_exchange.hpp"

namespace forecourt::isolation {
namespace {

TEST(OpenCalls, HoldACallForAsLongAsItsExchangeLives) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const auto channel = std::make_shared<Channel>(ends[0], 1u << 20);
  OpenCalls open;
  ManualClock clock;
  http::Request request;
  request.deadline_monotonic_ns = clock.monotonic_ns() + 1'000'000'000;
  const std::string bytes = pack(request);
  auto first = RemoteExchange::make(*channel, open, clock, {Kind::call, 0, 1, bytes});
  auto second = RemoteExchange::make(*channel, open, clock, {Kind::call, 0, 2, bytes});
  ASSERT_TRUE(first && second);
  EXPECT_EQ(open.size(), 2u);
  open.cancel(1);
  EXPECT_TRUE((*first)->abandoned());
  EXPECT_FALSE((*second)->abandoned());
  first->reset();
  EXPECT_EQ(open.size(), 1u);
  open.cancel(1);
  ASSERT_FALSE(RemoteExchange::make(*channel, open, clock, {Kind::call, 0, 3, "no request"}));
  EXPECT_EQ(open.size(), 1u);
  ::close(ends[1]);
}

}  // namespace
}  // namespace forecourt::isolation
