#include "org/secret_keys.hpp"

#include <gtest/gtest.h>

#include "org/audit.hpp"
#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

class SecretKeys : public DirectoryTest {
 protected:
  std::vector<std::string> noted() {
    std::vector<std::string> ids;
    EXPECT_TRUE(directory_
                    ->write([&](storage::Session& session, const Snapshot&) -> Result<void> {
                      auto keys = list_secret_keys(session);
                      if (!keys) return keys.error();
                      for (const SecretKey& key : *keys) ids.push_back(key.id);
                      return {};
                    })
                    .ok());
    return ids;
  }
  size_t entries() {
    size_t count = 0;
    EXPECT_TRUE(directory_
                    ->write([&](storage::Session& session, const Snapshot&) -> Result<void> {
                      auto found = list_audit(session, 0, 100);
                      if (!found) return found.error();
                      for (const auto& chained : *found)
                        count += chained.entry.action == "secrets-key.add";
                      return {};
                    })
                    .ok());
    return count;
  }
  Result<void> forget(const std::string& id) {
    return directory_->write(
        [&](storage::Session& session, const Snapshot&) { return forget_secret_key(session, id); });
  }
};

using Ids = std::vector<std::string>;

TEST_F(SecretKeys, AskForEveryKeyThatMayHaveSealed) {
  ASSERT_TRUE(note_secret_keys(*directory_, {"b", "a"}).ok());
  const auto missing = note_secret_keys(*directory_, {"c", "b"});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, Code::conflict);
  EXPECT_NE(missing.error().message.find("secrets drop a"), std::string::npos);
  EXPECT_EQ(noted(), Ids({"b", "a"})) << "nothing of it was noted";
  EXPECT_EQ(forget("x").error().code, Code::not_found);
  ASSERT_TRUE(forget("a").ok());
  EXPECT_TRUE(note_secret_keys(*directory_, {"c", "b"}).ok());
}

TEST_F(SecretKeys, AreNotedOnceInTheOrderGiven) {
  EXPECT_EQ(noted(), Ids());
  ASSERT_TRUE(note_secret_keys(*directory_, {"a"}).ok());
  ASSERT_TRUE(note_secret_keys(*directory_, {"a"}).ok());
  EXPECT_EQ(entries(), 1u);
  ASSERT_TRUE(note_secret_keys(*directory_, {"b", "a"}).ok());
  EXPECT_EQ(noted(), Ids({"b", "a"}));
  EXPECT_EQ(entries(), 2u);
  ASSERT_TRUE(note_secret_keys(*directory_, {"a", "b"}).ok());
  EXPECT_EQ(noted(), Ids({"a", "b"}));
  EXPECT_EQ(entries(), 2u);
}

}  // namespace
}  // namespace forecourt::org
