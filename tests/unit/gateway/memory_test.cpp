// Memory runs out while a connection is accepted, while its request is read, or in a sweep.

#include <atomic>
#include <future>

#include "support/failing_new.hpp"
#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

using failing_new::Failing;

class MemoryTest : public ServerFixture {
 protected:
  /// Until the server has seen all that happened to its connections before.
  void let_it_look() {
    for (int looks = 0; looks < 3; ++looks) {
      std::promise<void> done;
      server_->ping([&] { done.set_value(); });
      done.get_future().wait();
    }
  }
};

const std::string k_request =
    "GET /v1/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-admin\r\n\r\n";

TEST_F(MemoryTest, AFailedAllocationCostsOneConnectionNotTheServer) {
  std::atomic<int> handled{0};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    ++handled;
    exchange->answer(text(200, "{}"));
  }));

  bool failed = true;
  int64_t n = 0;
  while (failed && !HasFailure()) {
    const int before = handled;
    RawClient victim(server_->port());
    {
      const Failing failing(++n);
      victim.send(k_request);
      EXPECT_TRUE(eventually([&] { return failing.failed() || handled > before; }));
      failed = failing.failed();
    }
    RawClient next(server_->port());
    next.send(k_request);
    EXPECT_EQ(next.read().status, 200) << "deaf after allocation " << n << " failed";
  }
  EXPECT_GT(n, 3) << "hardly an allocation was there to fail";
}

TEST_F(MemoryTest, AConnectionThatLeavesWithoutMemoryIsGone) {
  bool failed = true;
  for (int64_t n = 1; failed && !HasFailure(); ++n) {
    start();
    {
      RawClient client(server_->port());
      client.send(k_request);
      ASSERT_EQ(client.read().status, 200);
      const Failing failing(n);
      client.abort();
      let_it_look();
      failed = failing.failed();
    }
    ASSERT_TRUE(server_->drain(10'000)) << "still there after allocation " << n << " failed";
  }
}

}  // namespace
}  // namespace forecourt::gateway::testing
