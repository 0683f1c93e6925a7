#include "base/worker_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace forecourt {
namespace {

TEST(WorkerPool, RefusesWhatItCannotQueue) {
  std::promise<void> go;
  std::promise<void> busy;
  auto gate = go.get_future().share();
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.submit([&] {
    busy.set_value();
    gate.wait();
  }));
  busy.get_future().wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  EXPECT_EQ(pool.queued(), 2u);
  go.set_value();
}

TEST(WorkerPool, RunsWhatIsQueuedBeforeItStops) {
  std::atomic<int> ran{0};
  WorkerPool pool(2, 1000);
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(pool.submit([&] { ++ran; }));
  pool.stop();
  EXPECT_EQ(ran, 500);
  EXPECT_FALSE(pool.submit([] {}));
}

}  // namespace
}  // namespace forecourt
