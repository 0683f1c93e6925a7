#include "storage/idempotency.hpp"

#include <new>
#include <thread>

#include "storage_fixture.hpp"
#include "support/openssl_memory.hpp"

namespace forecourt::storage {
namespace {

class IdempotencyTest : public StoreTest {
 protected:
  static IdempotencyKey key(std::string_view org, std::string_view caller, std::string_view name,
                            uint8_t fingerprint = 1) {
    IdempotencyKey key{org, caller, name, {}};
    key.fingerprint.fill(fingerprint);
    return key;
  }
  Result<void> store(const IdempotencyKey& key, std::string_view body = "{\"a\":1}") {
    return store_->lane().run_now([&](Session& session) {
      return store_answer(session, key, clock_.now_ms(), 201, "application/json", body);
    });
  }
  std::optional<StoredAnswer> find(const IdempotencyKey& key) {
    std::optional<StoredAnswer> answer;
    auto found = store_->lane().run_now([&](Session& session) -> Result<void> {
      auto stored = find_answer(session, key);
      if (!stored) return stored.error();
      answer = *stored;
      return {};
    });
    EXPECT_TRUE(found);
    return answer;
  }
};

TEST_F(IdempotencyTest, KnowsNothingAtFirst) {
  open();
  EXPECT_FALSE(find(key("group", "k1", "a")));
}

TEST_F(IdempotencyTest, TellsOrgsCallersAndKeysApart) {
  open();
  ASSERT_TRUE(store(key("group", "k1", "a")));
  EXPECT_FALSE(find(key("s1", "k1", "a")));
  EXPECT_FALSE(find(key("group", "k2", "a")));
  EXPECT_FALSE(find(key("group", "k1", "b")));
  EXPECT_FALSE(find(key("groupk1", "", "a")));
}

TEST_F(IdempotencyTest, TellsAnotherRequestUnderTheSameKey) {
  open();
  ASSERT_TRUE(store(key("group", "k1", "a", 1)));
  EXPECT_FALSE(find(key("group", "k1", "a", 2))->same_request);
}

TEST_F(IdempotencyTest, AnAnswerKeptWithoutMemoryIsFoundUnderItsOwnKey) {
  open();
  ASSERT_TRUE(openssl_memory::in_place());
  auto done = store_->lane().run_now([&](Session& session) -> Result<void> {
    bool failed = true;
    for (int64_t n = 1; failed; ++n) {
      const std::string name = "a" + std::to_string(n);
      bool kept = false;
      {
        const openssl_memory::Failing failing(n, false);
        try {
          kept = store_answer(session, key("group", "k1", name), clock_.now_ms(), 201,
                              "application/json", "{}")
                     .ok();
        } catch (const std::bad_alloc&) {
        }
        failed = failing.failed();
      }
      if (!kept) continue;
      auto found = find_answer(session, key("group", "k1", name));
      EXPECT_TRUE(found.ok() && found->has_value()) << "allocation " << n;
    }
    return {};
  });
  EXPECT_TRUE(done);
}

TEST_F(IdempotencyTest, GivesTheSameAnswerAgain) {
  open();
  const std::string body("bytes \0 and more", 16);
  ASSERT_TRUE(store(key("group", "k1", "a"), body));
  const auto answer = find(key("group", "k1", "a"));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->media_type, "application/json");
  EXPECT_EQ(answer->body, body);
  EXPECT_TRUE(answer->same_request);
}

TEST_F(IdempotencyTest, GoesWithTheCallThatIsRolledBack) {
  open();
  auto done = store_->lane().run_now([&](Session& session) -> Result<void> {
    EXPECT_TRUE(
        store_answer(session, key("group", "k1", "a"), clock_.now_ms(), 201, "text/plain", "x"));
    return Error{Code::conflict, "no"};
  });
  EXPECT_FALSE(done);
  EXPECT_FALSE(find(key("group", "k1", "a")));
}

class AnswerRetention : public IdempotencyTest {
 protected:
  /// Waits until the lane, idle, has pruned the old answer. False after some seconds.
  bool pruned_soon() {
    for (int i = 0; i < 200; ++i) {
      if (integer("SELECT count(*) FROM fc_idempotency") == 0) return true;
      EXPECT_TRUE(store_->set_orgs(i, {}));  // wakes the lane
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }
};

TEST_F(AnswerRetention, PrunesAfter48Hours) {
  open();
  ASSERT_TRUE(store(key("group", "k1", "a")));
  clock_.advance_ms(48ll * 3600 * 1000 + 1);
  EXPECT_TRUE(pruned_soon());
}

TEST_F(AnswerRetention, PrunesNothingAfterTheWallClockJumped) {
  open();
  ASSERT_TRUE(store(key("group", "k1", "a")));
  clock_.set_ms(clock_.now_ms() + 10ll * 365 * 24 * 3600 * 1000);
  for (int i = 0; i < 75; ++i) {
    ASSERT_TRUE(store_->set_orgs(i, {}));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_TRUE(find(key("group", "k1", "a")));
}

}  // namespace
}  // namespace forecourt::storage
