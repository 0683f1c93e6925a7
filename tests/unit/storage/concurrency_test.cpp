// Many threads on one store; what the thread sanitizer looks at.

#include <atomic>
#include <thread>

#include "storage_fixture.hpp"

namespace forecourt::storage {
namespace {

class StoreConcurrency : public StoreTest, public ::testing::WithParamInterface<bool> {};

TEST_P(StoreConcurrency, WritersAndReadersAgree) {
  StoreOptions opening = options();
  if (GetParam()) opening.folder.clear();
  open(opening);
  constexpr int k_threads = 2;
  constexpr int k_calls = 300;
  ASSERT_TRUE(submit(insert("sum", 0)));
  ASSERT_TRUE(fates_.wait_for(1));
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) {
      auto read = store_->read(0, [](Session& session) -> Result<void> {
        auto rows = session.query("SELECT (SELECT n FROM t WHERE id = 'sum'), count(*) - 1 FROM t");
        auto row = rows->next();
        EXPECT_EQ((*row)[0].as_integer, (*row)[1].as_integer);
        return {};
      });
      EXPECT_TRUE(read);
    }
  });
  std::vector<std::thread> writers;
  for (int thread = 0; thread < k_threads; ++thread) {
    writers.emplace_back([&, thread] {
      for (int i = 0; i < k_calls; ++i) {
        const std::string id = std::to_string(thread) + "-" + std::to_string(i);
        std::unique_ptr<WriteCall> call = std::make_unique<TestCall>(
            static_cast<size_t>(1 + thread * k_calls + i),
            [id, i](Session& session) {
              const bool done = session.execute("INSERT INTO t(id, n) VALUES ($1, 1)", {id}).ok() &&
                                session.execute("UPDATE t SET n = n + 1 WHERE id = 'sum'").ok();
              return done && i % 10 != 0 ? Verdict::commit : Verdict::roll_back;
            },
            fates_);
        EXPECT_TRUE(store_->lane().submit(call));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  ASSERT_TRUE(fates_.wait_for(1 + k_threads * k_calls));
  stop = true;
  reader.join();
  EXPECT_EQ(integer("SELECT n FROM t WHERE id = 'sum'"), k_threads * k_calls * 9 / 10);
}

INSTANTIATE_TEST_SUITE_P(FileAndMemory, StoreConcurrency, ::testing::Bool());

}  // namespace
}  // namespace forecourt::storage
