#include "org/desired.hpp"

#include <gtest/gtest.h>

#include "unit/org/directory_fixture.hpp"

namespace forecourt::org {
namespace {

class Desired : public DirectoryTest {
 protected:
  template <class Work>
  void write(Work&& work) {
    auto written = directory_->write(
        [&](storage::Session& session, const Snapshot&) { return work(session); });
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  PluginIntent intent(const std::string& plugin) {
    PluginIntent found;
    write([&](storage::Session& session) -> Result<void> {
      auto all = load_intents(session);
      if (!all) return all.error();
      for (auto& one : *all) {
        if (one.plugin == plugin) found = one;
      }
      return {};
    });
    return found;
  }
  size_t settings() {
    size_t count = 0;
    write([&](storage::Session& session) -> Result<void> {
      auto all = load_settings(session);
      if (!all) return all.error();
      count = all->size();
      return {};
    });
    return count;
  }
};

TEST_F(Desired, NothingIsKeptAtFirst) {
  EXPECT_EQ(intent("coupons").plugin, "");
  EXPECT_EQ(settings(), 0u);
}

TEST_F(Desired, ASwitchIsKeptWithoutAManifest) {
  write([](storage::Session& session) { return set_enabled(session, "coupons", false); });
  const PluginIntent kept = intent("coupons");
  EXPECT_EQ(kept.enabled, std::optional(false));
  EXPECT_FALSE(kept.manifest.has_value());
  EXPECT_FALSE(kept.removed);
}

TEST_F(Desired, AnApplyReplacesSwitchesAndConfig) {
  write([](storage::Session& session) { return set_enabled(session, "coupons", false); });
  write([](storage::Session& session) {
    return set_settings(session, {"coupons", "group", "{\"a\":1}"});
  });
  write([](storage::Session& session) {
    return set_settings(session, {"payments", "group", "{\"a\":1}"});
  });
  write([](storage::Session& session) {
    return apply_manifest(session, "coupons", "{\"manifest\":1}");
  });
  const PluginIntent kept = intent("coupons");
  EXPECT_EQ(kept.manifest, std::optional<std::string>("{\"manifest\":1}"));
  EXPECT_FALSE(kept.enabled.has_value());
  EXPECT_EQ(settings(), 1u);  // that of payments
}

TEST_F(Desired, AnApplyThatFollowsTheFileKeepsNothing) {
  write([](storage::Session& session) { return set_removed(session, "coupons"); });
  write([](storage::Session& session) { return apply_manifest(session, "coupons", ""); });
  EXPECT_EQ(intent("coupons").plugin, "");
}

TEST_F(Desired, ARemovalIsKeptAndTakesTheConfig) {
  write([](storage::Session& session) {
    return set_settings(session, {"coupons", "group", "{}"});
  });
  write([](storage::Session& session) { return set_removed(session, "coupons"); });
  EXPECT_TRUE(intent("coupons").removed);
  EXPECT_EQ(settings(), 0u);
}

TEST_F(Desired, TheLastSettingsOfAnOrgCount) {
  write([](storage::Session& session) {
    return set_settings(session, {"coupons", "group", "{\"a\":1}"});
  });
  write([](storage::Session& session) {
    return set_settings(session, {"coupons", "group", "{\"a\":2}"});
  });
  write([](storage::Session& session) -> Result<void> {
    auto all = load_settings(session);
    if (!all) return all.error();
    EXPECT_EQ(all->size(), 1u);
    EXPECT_EQ(all->front().settings, "{\"a\":2}");
    return {};
  });
}

}  // namespace
}  // namespace forecourt::org
