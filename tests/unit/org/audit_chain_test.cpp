// A thousand ways to tamper with the stored chain: none passes.

#include <gtest/gtest.h>

#include <random>

#include "org/audit.hpp"
#include "org/audit_head.hpp"
#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

using storage::Session;
using Random = std::mt19937;

constexpr int64_t k_entries = 24;

class AuditChain : public DirectoryTest {
 protected:
  void SetUp() override {
    DirectoryTest::SetUp();
    run([&](Session& session) -> Result<void> {
      for (int64_t n = 1; n <= k_entries; ++n) {
        auto added =
            append_audit(session, {1'700'000'000'000 + n, "key_" + std::to_string(n % 3), "group",
                                   "coupons:batch.create", "id" + std::to_string(n),
                                   R"({"n":)" + std::to_string(n) + "}"});
        if (!added) return added;
      }
      auto head = audit_head(session);
      if (!head) return head.error();
      head_ = *head;
      return {};
    });
    ASSERT_EQ(head_.seq, k_entries);
  }
  void run(const std::function<Result<void>(Session&)>& work) {
    const auto done =
        directory_->write([&](Session& session, const Snapshot&) { return work(session); });
    EXPECT_TRUE(done) << done.error().message;
  }
  /// Tampers, looks what is found, and undoes it: nothing of it is committed.
  struct Found {
    bool by_chain = false;
    bool by_head = false;
  };
  Found tampered(const std::function<Result<void>(Session&)>& tamper) {
    Found found;
    const auto undone = directory_->write([&](Session& session, const Snapshot&) -> Result<void> {
      if (auto done = tamper(session); !done) {
        ADD_FAILURE() << done.error().message;
        return done;
      }
      found.by_chain = !verify_audit(session).ok();
      found.by_head = !verify_audit_to(session, head_).ok();
      return Error{Code::state, "undo"};
    });
    EXPECT_FALSE(undone.ok());
    return found;
  }
  AuditHead head_;
};

Result<void> execute(Session& session, const std::string& sql) {
  auto changed = session.execute(sql);
  if (!changed) return changed.error();
  EXPECT_GE(*changed, 1) << sql << " changed nothing";
  return {};
}

int64_t pick(Random& random, int64_t from, int64_t to) {
  return std::uniform_int_distribution<int64_t>(from, to)(random);
}

std::string where(int64_t seq) { return " WHERE seq = " + std::to_string(seq); }

/// One field of one entry.
Result<void> edit(Session& session, Random& random) {
  static constexpr const char* k_edits[] = {
      "at = at + 1",
      "actor = actor || 'x'",
      "org = 'store-12'",
      "action = 'coupons:batch.delete'",
      "subject = subject || '0'",
      "detail = '{}'",
      "prev_hash = zeroblob(32)",
      "hash = zeroblob(32)",
      "prev_hash = substr(prev_hash, 1, 31)",
      "hash = CAST(hash || x'00' AS BLOB)",
      "actor = actor || substr(action, 1, 1), action = substr(action, 2)"};
  // The first entry follows 32 zero bytes: writing them there changes nothing.
  return execute(session, std::string("UPDATE audit SET ") +
                              k_edits[pick(random, 0, std::size(k_edits) - 1)] +
                              where(pick(random, 2, k_entries)));
}

/// From the middle, or the beginning.
Result<void> drop(Session& session, Random& random) {
  const int64_t from = pick(random, 1, k_entries - 1);
  const int64_t to = std::min<int64_t>(k_entries - 1, from + pick(random, 0, 3));
  return execute(session, "DELETE FROM audit WHERE seq BETWEEN " + std::to_string(from) + " AND " +
                              std::to_string(to));
}

Result<void> exchange(Session& session, Random& random) {
  const int64_t a = pick(random, 1, k_entries - 1);
  const int64_t b = pick(random, a + 1, k_entries);
  auto done = execute(session, "UPDATE audit SET seq = 1000" + where(a));
  if (done) done = execute(session, "UPDATE audit SET seq = " + std::to_string(a) + where(b));
  if (done) done = execute(session, "UPDATE audit SET seq = " + std::to_string(b) + where(1000));
  return done;
}

Result<void> cut_off(Session& session, int64_t after) {
  return execute(session, "DELETE FROM audit WHERE seq > " + std::to_string(after));
}

TEST_F(AuditChain, EveryChangeInTheMiddleIsFoundWithoutAHead) {
  Random random(5);
  for (int trial = 0; trial < 600; ++trial) {
    const Found found = tampered([&](Session& session) {
      return trial % 3 == 0   ? edit(session, random)
             : trial % 3 == 1 ? drop(session, random)
                              : exchange(session, random);
    });
    EXPECT_TRUE(found.by_chain) << "trial " << trial;
    EXPECT_TRUE(found.by_head) << "trial " << trial;
  }
}

TEST_F(AuditChain, AnEndThatIsGoneIsFoundByTheHead) {
  Random random(6);
  for (int trial = 0; trial < 200; ++trial) {
    const Found found = tampered(
        [&](Session& session) { return cut_off(session, pick(random, 0, k_entries - 1)); });
    EXPECT_TRUE(found.by_head) << "trial " << trial;
    EXPECT_FALSE(found.by_chain) << "the rest fits: only the head tells";
  }
}

/// Who can write the store can also compute hashes: from some entry on all are written anew.
TEST_F(AuditChain, AChainWrittenAnewIsFoundByTheHead) {
  Random random(7);
  for (int trial = 0; trial < 200; ++trial) {
    const Found found = tampered([&](Session& session) -> Result<void> {
      const int64_t from = pick(random, 1, k_entries);
      auto entries = list_audit(session, 0, k_entries);
      if (!entries) return entries.error();
      if (auto cut = cut_off(session, from - 1); !cut) return cut;
      for (int64_t seq = from; seq <= k_entries; ++seq) {
        AuditEntry entry = (*entries)[static_cast<size_t>(k_entries - seq)].entry;
        if (seq == from) entry.subject += "-forged";
        if (auto added = append_audit(session, entry); !added) return added;
      }
      return {};
    });
    EXPECT_TRUE(found.by_head) << "trial " << trial;
    EXPECT_FALSE(found.by_chain) << "trial " << trial;
  }
}

TEST_F(AuditChain, AnUntouchedChainPassesAndMayHaveGrown) {
  run([&](Session& session) { return verify_audit_to(session, head_); });
  run([&](Session& session) {
    return append_audit(session, {1, "key", "group", "org.create", "more", {}});
  });
  run([&](Session& session) { return verify_audit_to(session, head_); });
  run([&](Session& session) { return verify_audit_to(session, AuditHead{}); });
}

TEST(AuditHead, RefusesWhatExportHeadDidNotPrint) {
  for (const char* text :
       {"", "{}", "[]", R"({"seq":-1,"hash":""})", R"({"seq":1,"hash":"zz"})", R"({"seq":"1"})"}) {
    EXPECT_FALSE(parse_audit_head(text).ok()) << text;
  }
}

TEST(AuditHead, ReadsWhatItPrints) {
  AuditHead head;
  head.seq = 12;
  head.hash.fill(0xa5);
  const auto read = parse_audit_head(to_json(head));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->seq, 12);
  EXPECT_EQ(read->hash, head.hash);
}

}  // namespace
}  // namespace forecourt::org
