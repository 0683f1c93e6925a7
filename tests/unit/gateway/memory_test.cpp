// Memory runs out while a connection is accepted, while its request is read, or in a sweep.

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "support/failing_new.hpp"
#include "unit/gateway/fixture.hpp"
#include "unit/gateway/raw_client.hpp"

namespace forecourt::gateway::testing {
namespace {

using failing_new::Failing;

const std::string k_request =
    "GET /v1/demo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret-admin\r\n"
    "Connection: close\r\n\r\n";

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

  /// Each allocation fails once while a client is served, up to a run that needed fewer. The client
  /// is answered or cut off, not left hanging, and the next one is served. `done`: how many were.
  void each_allocation_failing(const std::function<int()>& done) {
    bool failed = true;
    int64_t n = 0;
    while (failed && !HasFailure()) {
      SCOPED_TRACE("allocation " + std::to_string(++n));
      const int before = done();
      RawClient victim(server_->port());
      {
        const Failing failing(n);
        victim.send(k_request);
        EXPECT_TRUE(eventually([&] { return failing.failed() || done() > before; }));
        failed = failing.failed();
      }
      std::string answer;
      EXPECT_TRUE(victim.read_to_end(answer)) << "left hanging";
      RawClient next(server_->port());
      next.send(k_request);
      EXPECT_EQ(next.read().status, 200) << "the server is deaf";
    }
    EXPECT_GT(n, 3) << "hardly an allocation was there to fail";
  }
};

TEST_F(MemoryTest, AFailedAllocationCostsOneConnectionNotTheServer) {
  std::atomic<int> handled{0};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    ++handled;
    exchange->answer(text(200, "{}"));
  }));
  each_allocation_failing([&] { return handled.load(); });
}

TEST_F(MemoryTest, AnAnswerFromAnotherThreadNeedsNone) {
  struct Asked {
    std::shared_ptr<http::Exchange> exchange;
    http::Response answer;
  };
  std::mutex mutex;
  std::optional<Asked> asked;
  std::atomic<int> answered{0};
  start(std::make_shared<TestHandler>([&](std::shared_ptr<http::Exchange> exchange) {
    Asked next{std::move(exchange), text(200, "{}")};
    std::lock_guard lock(mutex);
    asked = std::move(next);
  }));
  std::atomic<bool> stop{false};
  std::thread answering([&] {
    while (!stop) {
      std::optional<Asked> next;
      {
        std::lock_guard lock(mutex);
        next.swap(asked);
      }
      if (!next) {
        std::this_thread::yield();
        continue;
      }
      next->exchange->answer(std::move(next->answer));
      ++answered;
    }
  });
  each_allocation_failing([&] { return answered.load(); });
  stop = true;
  answering.join();
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
