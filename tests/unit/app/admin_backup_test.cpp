#include "org/audit.hpp"
#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

class AdminBackup : public AdminTest {
 protected:
  http::Response begin(const std::string& folder) {
    return ask({.operation = "begin_backup", .body = R"({"folder":")" + folder + R"("})"});
  }
  http::Response latest() { return ask({.operation = "get_latest_backup"}); }
  std::vector<std::string> audited() {
    std::vector<std::string> actions;
    auto read = store_->read(0, [&](storage::Session& session) -> Result<void> {
      auto entries = org::list_audit(session, 0, 10);
      if (!entries) return entries.error();
      for (const auto& chained : *entries) actions.push_back(chained.entry.action);
      return {};
    });
    EXPECT_TRUE(read.ok());
    return actions;
  }
};

TEST_F(AdminBackup, TakesAKeyOfTheRootOrg) {
  make_org("store-12", "group", "store");
  const std::string key = make_key("store-12", R"(["admin:*"])");
  EXPECT_EQ(
      ask({.operation = "begin_backup", .body = R"({"folder":"/x"})", .credential = key}).status,
      403);
  EXPECT_EQ(ask({.operation = "get_latest_backup", .credential = key}).status, 403);
}

TEST_F(AdminBackup, RefusesAFolderThatCannotTakeIt) {
  EXPECT_EQ(begin("relative/path").status, 400);
  EXPECT_EQ(begin(folder_ / "data/inside").status, 400);
  EXPECT_EQ(begin(folder_ / "no/parent").status, 400);
  EXPECT_EQ(begin(folder_ / "").status, 409) << "not empty";
  EXPECT_EQ(latest().status, 404) << "a refused one was never begun";
  EXPECT_TRUE(audited().empty());
}

TEST_F(AdminBackup, RefusesToHoldAKeyThatIsNotInTheDataFolder) {
  const std::string body =
      R"({"with_secrets_key":true,"folder":")" + (folder_ / "backup") + R"("})";
  const http::Response missing = ask({.operation = "begin_backup", .body = body});
  EXPECT_EQ(missing.status, 404) << missing.body;
  Backups others(*site_, *registry_, *directory_, webhooks_->store(),
                 secrets::KeySource{folder_ / "data", "", folder_ / "key"}, "test");
  const auto elsewhere = others.reserve(folder_ / "backup", true);
  ASSERT_FALSE(elsewhere.ok());
  EXPECT_EQ(elsewhere.error().code, Code::conflict);
  EXPECT_NE(elsewhere.error().message.find("secrets-key-file"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "backup"));
}

TEST_F(AdminBackup, TellsWhyOneFailedAndLeavesNothing) {
  // The host's store of this test is in memory, which cannot be copied.
  const http::Response begun = begin(folder_ / "backup");
  ASSERT_EQ(begun.status, 202) << begun.body;
  backups_->stop();  // waits for its end
  const http::Response ended = latest();
  EXPECT_EQ(text_of(ended, "state"), "failed");
  EXPECT_NE(text_of(ended, "reason").find("memory"), std::string::npos) << ended.body;
  EXPECT_EQ(text_of(ended, "id"), text_of(begun, "id"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "backup"));
  const std::vector<std::string> expected = {"backup.failed", "backup.begin"};
  EXPECT_EQ(audited(), expected);
  EXPECT_EQ(begin(folder_ / "another").status, 503) << "none begins once the host stops";
}

}  // namespace
}  // namespace forecourt::admin
