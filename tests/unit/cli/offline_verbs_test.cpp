#include <gtest/gtest.h>

#include "cli/offline.hpp"
#include "cli/verbs.hpp"
#include "org/audit.hpp"
#include "org/desired.hpp"
#include "unit/app/temp_folder.hpp"

namespace forecourt::cli {
namespace {

constexpr const char* k_manifest = R"({"manifest":1,"plugin":"coupons","path":"bundles/coupons"})";
constexpr const char* k_other = R"({"manifest":1,"plugin":"coupons","path":"elsewhere/coupons"})";

/// Admin verbs on the data directory of a host that does not run.
class OfflineVerbs : public testing::Test {
 protected:
  void SetUp() override {
    where_.settings.data = folder_ / "data";
    where_.settings.manifests = folder_ / "manifests";
    folder_.write("manifests/coupons.json", k_manifest);
    folder_.write("other.json", k_other);
  }
  std::optional<org::PluginIntent> intent(const std::string& plugin) {
    auto offline = Offline::open(where_.settings);
    EXPECT_TRUE(offline.ok());
    std::optional<org::PluginIntent> found;
    auto read = (*offline)->directory().write(
        [&](storage::Session& session, const org::Snapshot&) -> Result<void> {
          auto intents = org::load_intents(session);
          if (!intents) return intents.error();
          for (auto& one : *intents) {
            if (one.plugin == plugin) found = one;
          }
          return {};
        });
    EXPECT_TRUE(read.ok());
    return found;
  }

  TempFolder folder_;
  Whereabouts where_;
};

TEST_F(OfflineVerbs, KeysOfAHostThatDoesNotRunCannotBeListed) {
  EXPECT_EQ(run_keys(where_, KeyVerb::list, {}), 1);
  EXPECT_EQ(run_keys(where_, KeyVerb::revoke, {.id = "../plugins/coupons"}), 1);
}

TEST_F(OfflineVerbs, ReplaceAdminLeavesOneAdminKeyAndAnAuditEntry) {
  ASSERT_EQ(run_keys(where_, KeyVerb::replace_admin, {}), 0);
  const std::string first = folder_.read("data/admin.key");
  ASSERT_EQ(run_keys(where_, KeyVerb::replace_admin, {}), 0);
  const std::string second = folder_.read("data/admin.key");
  EXPECT_NE(first, second);
  auto offline = Offline::open(where_.settings);
  ASSERT_TRUE(offline.ok()) << offline.error().message;
  const auto snapshot = (*offline)->directory().snapshot();
  EXPECT_EQ(snapshot->keys().size(), 1u);
  EXPECT_EQ(snapshot->authenticate(first.substr(0, first.find('\n'))), nullptr);
  const org::Key* admin = snapshot->authenticate(second.substr(0, second.find('\n')));
  ASSERT_NE(admin, nullptr);
  auto audited = (*offline)->directory().write(
      [](storage::Session& session, const org::Snapshot&) -> Result<void> {
        auto entries = org::list_audit(session, 0, 10);
        if (!entries) return entries.error();
        EXPECT_EQ(entries->size(), 2u);
        EXPECT_EQ(entries->front().entry.action, "key.replace-admin");
        return {};
      });
  EXPECT_TRUE(audited.ok());
}

TEST_F(OfflineVerbs, RefuseAPluginNobodyNamed) {
  EXPECT_EQ(run_change(where_, Change::disable, "nobody", false), 1);
  EXPECT_FALSE(intent("nobody").has_value());
}

TEST_F(OfflineVerbs, RefuseAnIdThatIsAPath) {
  folder_.write("data/plugins/coupons/store.db", "data");
  EXPECT_EQ(run_change(where_, Change::remove, "../plugins", true), 1);
  EXPECT_EQ(run_change(where_, Change::remove, "", true), 1);
  EXPECT_EQ(folder_.read("data/plugins/coupons/store.db"), "data");
}

TEST_F(OfflineVerbs, ApplyTellsABrokenManifestAndAppliesTheOthers) {
  folder_.write("manifests/torn.json", "{\"manifest\":1,");
  EXPECT_EQ(run_apply(where_, {folder_ / "manifests", folder_ / "other.json"}), 1);
  ASSERT_TRUE(intent("coupons").has_value());
  EXPECT_NE(intent("coupons")->manifest->find("elsewhere"), std::string::npos);
}

TEST_F(OfflineVerbs, ASwitchHoldsForTheNextStart) {
  EXPECT_EQ(run_change(where_, Change::disable, "coupons", false), 0);
  EXPECT_EQ(intent("coupons")->enabled, std::optional(false));
  EXPECT_EQ(run_change(where_, Change::enable, "coupons", false), 0);
  EXPECT_EQ(intent("coupons")->enabled, std::optional(true));
}

TEST_F(OfflineVerbs, ApplyingTheFoldersOwnManifestFollowsTheFile) {
  EXPECT_EQ(run_change(where_, Change::disable, "coupons", false), 0);
  EXPECT_EQ(run_apply(where_, {folder_ / "manifests"}), 0);
  EXPECT_FALSE(intent("coupons").has_value());
}

TEST_F(OfflineVerbs, ApplyingAnotherManifestKeepsIt) {
  EXPECT_EQ(run_apply(where_, {folder_ / "other.json"}), 0);
  ASSERT_TRUE(intent("coupons").has_value());
  EXPECT_NE(intent("coupons")->manifest->find("elsewhere"), std::string::npos);
}

TEST_F(OfflineVerbs, RemoveKeepsTheDataUnlessAsked) {
  folder_.write("data/plugins/coupons/store.db", "data");
  EXPECT_EQ(run_change(where_, Change::remove, "coupons", false), 0);
  EXPECT_TRUE(intent("coupons")->removed);
  EXPECT_EQ(folder_.read("data/plugins/coupons/store.db"), "data");
  EXPECT_EQ(run_change(where_, Change::remove, "coupons", true), 0);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "data/plugins/coupons"));
}

TEST_F(OfflineVerbs, WaitForNobodyWhenAHostIsStarting) {
  auto lock = DataLock::take(folder_ / "data");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(run_change(where_, Change::disable, "coupons", false), 1);
}

}  // namespace
}  // namespace forecourt::cli
