#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

using AdminPlugins = AdminTest;

TEST_F(AdminPlugins, AManifestForAnotherPluginIsRefused) {
  const http::Response refused =
      ask({.operation = "apply_plugin",
           .parameters = {{"id", "coupons"}},
           .body = R"({"manifest":1,"plugin":"payments","path":"/nowhere"})"});
  EXPECT_EQ(refused.status, 400) << refused.body;
}

TEST_F(AdminPlugins, AnUnreadableManifestIsRefusedWithThePlace) {
  const http::Response refused = ask({.operation = "apply_plugin",
                                      .parameters = {{"id", "coupons"}},
                                      .body = R"({"manifest":1,"plugin":"coupons","path":7})"});
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(text_of(refused, "detail").find("path"), std::string::npos) << refused.body;
}

TEST_F(AdminPlugins, APluginThatCannotRunIsAConflictWithTheReasonAndIsNotKept) {
  const http::Response refused =
      ask({.operation = "apply_plugin",
           .parameters = {{"id", "coupons"}},
           .body = R"({"manifest":1,"plugin":"coupons","path":"/nowhere"})"});
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(text_of(refused, "detail").find("/nowhere"), std::string::npos) << refused.body;
}

TEST_F(AdminPlugins, UnknownPluginsAreNotFound) {
  for (const char* operation :
       {"get_plugin", "disable_plugin", "enable_plugin", "remove_plugin", "get_config"}) {
    EXPECT_EQ(ask({.operation = operation, .parameters = {{"id", "nobody"}}}).status, 404)
        << operation;
  }
  EXPECT_EQ(ask({.operation = "set_config", .parameters = {{"id", "nobody"}}, .body = "{}"}).status,
            404);
}

TEST_F(AdminPlugins, AManifestThatCannotBeReadShowsAsFailedAndStopsNothing) {
  folder_.write("manifests/torn.json", "{\"manifest\":1,");
  ASSERT_TRUE(site_->start().ok());
  const http::Response listed = ask({.operation = "list_plugins"});
  const json::Document page = body_of(listed);
  ASSERT_EQ(json::find(page, "items")->Size(), 1u) << listed.body;
  const json::Value& torn = (*json::find(page, "items"))[0];
  EXPECT_EQ(json::text(torn, "id"), "torn");
  EXPECT_EQ(json::text(torn, "state"), "failed");
  EXPECT_NE(json::text(torn, "reason").find("torn.json"), std::string_view::npos);
  const auto services = site_->unavailable_services();
  ASSERT_EQ(services.size(), 1u);
  EXPECT_EQ(services[0].prefix, "/v1/torn");
  EXPECT_FALSE(services[0].unavailable.empty());
}

TEST_F(AdminPlugins, WhatWasRemovedStaysAwayAtTheNextStart) {
  folder_.write("manifests/torn.json", "{\"manifest\":1,");
  ASSERT_TRUE(site_->start().ok());
  EXPECT_EQ(ask({.operation = "remove_plugin", .parameters = {{"id", "torn"}}}).status, 204);
  Site next(*directory_, *registry_, folder_ / "manifests");
  ASSERT_TRUE(next.start().ok());
  EXPECT_FALSE(next.plugin("torn").has_value());
}

TEST_F(AdminPlugins, AManifestFileOfAPluginThatIsNotThereShowsAsFailed) {
  folder_.write("manifests/coupons.json", R"({"manifest":1,"plugin":"coupons","path":"/nowhere"})");
  ASSERT_TRUE(site_->start().ok());
  const http::Response got = ask({.operation = "get_plugin", .parameters = {{"id", "coupons"}}});
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(text_of(got, "state"), "failed");
  EXPECT_NE(text_of(got, "reason").find("/nowhere"), std::string::npos) << got.body;
}

}  // namespace
}  // namespace forecourt::admin
