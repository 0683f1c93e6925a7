#include "plugin/registry.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "site.hpp"

namespace forecourt::plugin::test {
namespace {

TEST(Registry, ARefusedUpgradeLeavesTheRunningVersionServing) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  config::Manifest broken = manifest_for("good");
  broken.path = fixture("wrong_id");
  EXPECT_FALSE(site.registry.apply(broken, Cause::admin));
  EXPECT_EQ(site.call("good").body, "one");
  EXPECT_EQ(site.info("good").state, "running");
  EXPECT_NE(site.info("good").reason, "");
}

TEST(Registry, RoutesThatTheGatewayRefusesPutTheOldVersionBack) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  site.services.refuse("two plugins, one path");
  EXPECT_FALSE(site.registry.apply(manifest_for("good_2", "good"), Cause::admin));
  site.services.refuse("");
  EXPECT_EQ(site.call("good").body, "one");
  EXPECT_EQ(site.info("good").version, "1.0.0");
}

TEST(Registry, AnUnknownPluginIsNotFound) {
  TempFolder data;
  Site site(data.path, false);
  EXPECT_EQ(site.registry.disable("nobody").error().code, Code::not_found);
  EXPECT_EQ(site.registry.enable("nobody").error().code, Code::not_found);
  EXPECT_EQ(site.registry.remove("nobody", true).error().code, Code::not_found);
  EXPECT_EQ(site.registry.manifest("nobody").error().code, Code::not_found);
  EXPECT_EQ(site.registry.store("nobody"), nullptr);
}

TEST(Registry, TheSameManifestAgainChangesNothing) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::admin));
  EXPECT_EQ(site.info("good").generation, 1);
}

TEST(Registry, DisabledAnswers503AndEnabledServesAgainWithItsData) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  EXPECT_EQ(site.call("good").status, 200);
  ASSERT_TRUE(site.registry.disable("good"));
  EXPECT_EQ(site.call("good").status, 503);
  EXPECT_EQ(site.info("good").state, "disabled");
  ASSERT_TRUE(site.registry.enable("good"));
  EXPECT_EQ(site.call("good").status, 200);
  EXPECT_EQ(site.rows("good"), 2);
}

TEST(Registry, RemovedKeepsDataUnlessAsked) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  site.call("good");
  ASSERT_TRUE(site.registry.remove("good", false));
  EXPECT_TRUE(site.registry.plugins().empty());
  EXPECT_FALSE(site.services.find("good"));
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::admin));
  EXPECT_EQ(site.rows("good"), 1);
  ASSERT_TRUE(site.registry.remove("good", true));
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::admin));
  EXPECT_EQ(site.rows("good"), 0);
}

TEST(Registry, ARestartKeepsTheData) {
  TempFolder data;
  {
    Site site(data.path, false);
    ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
    EXPECT_EQ(site.call("good").status, 200);
  }
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  EXPECT_EQ(site.rows("good"), 1);
}

TEST(Registry, AnUpgradeUnderLoadFailsNoRequest) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  std::atomic<bool> stop{false};
  std::atomic<int> answered{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      while (!stop) {
        // As a gateway does: the handler found first may be the old one by the time it is asked.
        const auto service = site.services.find("good");
        std::this_thread::yield();
        auto exchange = std::make_shared<FakeExchange>();
        exchange->request_.operation_id = "run";
        exchange->request_.caller = "key_1";
        exchange->request_.org = "store-12";
        exchange->request_.deadline_monotonic_ns = site.clock.monotonic_ns() + 20'000'000'000;
        service->handler->handle(exchange);
        if (exchange->wait().status != 200) ++failed;
        ++answered;
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    const bool second = i % 2 == 0;
    auto applied =
        site.registry.apply(manifest_for(second ? "good_2" : "good", "good"), Cause::admin);
    EXPECT_TRUE(applied) << applied.error().message;
    EXPECT_EQ(site.call("good").body, second ? "two" : "one");
  }
  stop = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, 0);
  EXPECT_EQ(site.info("good").generation, 11);
  EXPECT_EQ(site.rows("good"), answered + 10);
}

TEST(Registry, ASettingALockHoldsIsAConflict) {
  TempFolder data;
  Site site(data.path, false);
  config::Manifest manifest = manifest_for("good");
  manifest.config = R"({"brand":{"limit":{"value":3,"locked":true}}})";
  ASSERT_TRUE(site.registry.apply(manifest, Cause::start));
  auto values = json::parse(R"({"limit":4})");
  EXPECT_EQ(site.registry.set_config("good", "store-12", *values).error().code, Code::conflict);
  EXPECT_EQ(site.registry.set_config("good", "nowhere", *values).error().code, Code::not_found);
  auto wrong = json::parse(R"({"limit":-1})");
  EXPECT_EQ(site.registry.set_config("good", "group", *wrong).error().code, Code::invalid);
  EXPECT_EQ(*site.registry.effective_config("good", "store-12"), R"({"limit":3})");
}

TEST(Registry, SettingsChangeAtRunTimeAndAreInTheManifest) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  EXPECT_EQ(*site.registry.effective_config("good", "store-12"), R"({"limit":10})");
  auto values = json::parse(R"({"limit":4})");
  EXPECT_EQ(*site.registry.set_config("good", "brand", *values), R"({"limit":4})");
  EXPECT_EQ(*site.registry.effective_config("good", "store-12"), R"({"limit":4})");
  EXPECT_EQ(*site.registry.effective_config("good", "group"), R"({"limit":10})");
  // The same manifest with what was set is no change.
  ASSERT_TRUE(site.registry.apply(*site.registry.manifest("good"), Cause::admin));
  EXPECT_EQ(site.info("good").generation, 1);
}

TEST(Registry, TheTreeReachesTheStores) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  const auto pairs = [&] {
    int64_t count = 0;
    auto done =
        site.registry.store("good")->lane().run_now([&](storage::Session& session) -> Result<void> {
          auto rows = session.query("SELECT count(*) FROM fc_org WHERE id = 'store-12'");
          if (!rows) return rows.error();
          count = (*rows->next())[0].as_integer;
          return {};
        });
    return done ? count : -1;
  };
  EXPECT_EQ(pairs(), 3);
  site.tree.set(2);
  EXPECT_TRUE(site.registry.directory_changed());
  EXPECT_EQ(pairs(), 3);
}

TEST(Registry, StoppedAnswers503) {
  TempFolder data;
  Site site(data.path, false);
  ASSERT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  const auto before = site.services.find("good");
  site.registry.stop();
  EXPECT_EQ(site.call("good").status, 503);
  auto late = std::make_shared<FakeExchange>();
  late->request_.operation_id = "run";
  before->handler->handle(late);
  EXPECT_EQ(late->wait().status, 503);
}

}  // namespace
}  // namespace forecourt::plugin::test
