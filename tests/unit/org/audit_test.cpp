#include "org/audit.hpp"

#include <gtest/gtest.h>

#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

class Audit : public DirectoryTest {
 protected:
  template <class Work>
  Result<void> write(Work&& work) {
    return directory_->write(
        [&](storage::Session& session, const Snapshot&) { return work(session); });
  }
  void append(const std::string& subject) {
    ASSERT_TRUE(write([&](storage::Session& session) {
                  return append_audit(
                      session, {1'700'000'000'000, "key_1", "group", "org.create", subject, "{}"});
                }).ok());
  }
  Result<void> verify() { return write(verify_audit); }
  void tamper(const char* sql) {
    ASSERT_TRUE(write([&](storage::Session& session) -> Result<void> {
                  auto changed = session.execute(sql);
                  if (!changed) return changed.error();
                  return {};
                }).ok());
  }
  std::vector<ChainedEntry> list(int64_t before, int64_t limit) {
    std::vector<ChainedEntry> entries;
    EXPECT_TRUE(write([&](storage::Session& session) -> Result<void> {
                  auto found = list_audit(session, before, limit);
                  if (!found) return found.error();
                  entries = std::move(*found);
                  return {};
                }).ok());
    return entries;
  }
};

TEST_F(Audit, AChangedFieldBreaksTheChain) {
  for (const char* change :
       {"UPDATE audit SET subject = 'c' WHERE seq = 2",
        "UPDATE audit SET actor = 'key_2' WHERE seq = 2",
        "UPDATE audit SET at = at + 1 WHERE seq = 2",
        "UPDATE audit SET org = 'store' WHERE seq = 2",
        "UPDATE audit SET action = 'org.delete' WHERE seq = 2",
        "UPDATE audit SET detail = '' WHERE seq = 2",
        "UPDATE audit SET action = 'org.creat', subject = 'eb' WHERE seq = 2"}) {
    SetUp();
    for (const char* subject : {"a", "b", "c"}) append(subject);
    ASSERT_TRUE(verify().ok());
    tamper(change);
    EXPECT_FALSE(verify().ok()) << change;
  }
}

TEST_F(Audit, ADroppedEntryBreaksTheChain) {
  for (const char* subject : {"a", "b", "c"}) append(subject);
  tamper("DELETE FROM audit WHERE seq = 2");
  EXPECT_FALSE(verify().ok());
}

TEST_F(Audit, AnEntryMovedUpBreaksTheChain) {
  for (const char* subject : {"a", "b", "c"}) append(subject);
  tamper("DELETE FROM audit WHERE seq = 2");
  tamper("UPDATE audit SET seq = 2 WHERE seq = 3");
  EXPECT_FALSE(verify().ok());
}

TEST_F(Audit, ListsTheNewestFirst) {
  for (const char* subject : {"a", "b", "c"}) append(subject);
  const auto first = list(0, 2);
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].entry.subject, "c");
  EXPECT_EQ(first[1].entry.subject, "b");
  const auto rest = list(first[1].seq, 2);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].entry.subject, "a");
}

TEST_F(Audit, APluginsEntryIsChainedOnce) {
  const auto feed = [&](const char* epoch, int64_t first, int64_t last) {
    std::vector<NumberedEntry> entries;
    for (int64_t number = first; number <= last; ++number) {
      entries.push_back(
          {number, {0, "key_1", "group", "coupons:batch.create", std::to_string(number), ""}});
    }
    ASSERT_TRUE(write([&](storage::Session& session) -> Result<void> {
                  auto taken = append_plugin_audit(session, "coupons", epoch, entries);
                  if (!taken) return taken.error();
                  EXPECT_EQ(*taken, last);
                  return {};
                }).ok());
  };
  feed("epoch-1", 1, 2);
  feed("epoch-1", 1, 3);
  EXPECT_EQ(list(0, 100).size(), 3u);
  feed("epoch-2", 1, 1);  // a restored store counts anew
  EXPECT_EQ(list(0, 100).size(), 4u);
  EXPECT_TRUE(verify().ok());
}

}  // namespace
}  // namespace forecourt::org
