// What an admin does to a running host, and what a restart keeps.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "e2e/support/command_line.hpp"
#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;
namespace json = forecourt::json;

std::string at_host(const HostProcess& host) {
  return " --host http://127.0.0.1:" + std::to_string(host.port()) + " --key " + k_admin_key + " ";
}

/// One plugin of GET /admin/v1/plugins; an empty object when it is not listed.
Document plugin_of(HttpClient& client, const std::string& id) {
  const Document page = json_of(client.get("/admin/v1/plugins"));
  Document found;
  found.SetObject();
  if (const json::Value* items = json::find(page, "items")) {
    for (const json::Value& item : items->GetArray()) {
      if (json::text(item, "id") == id) found.CopyFrom(item, found.GetAllocator());
    }
  }
  return found;
}

void write_file(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(Lifecycle, AFreshHostServesItsPluginsAndItsOwnPages) {
  HostProcess host;
  host.start();
  HttpClient admin = host.client();
  EXPECT_EQ(admin.get("/v1/hello?name=Ada").body, R"({"hello":"Ada"})");
  EXPECT_EQ(admin.post("/v1/hello", R"({"name":"Ada"})").body, R"({"hello":"Ada"})");
  EXPECT_EQ(host.client("").get("/v1/hello?name=Ada").status, 401);
  EXPECT_EQ(host.client("fck_wrong").get("/v1/hello?name=Ada").status, 401);
  for (const char* path : {"/livez", "/readyz", "/openapi.json", "/docs/", "/metrics"}) {
    const int status = host.client("").get(path).status;
    EXPECT_TRUE(status == 200 || status == 301 || status == 308) << path << " " << status;
  }
  EXPECT_NE(host.client("").get("/metrics").body.find("hello"), std::string::npos);
  for (const char* id : {"hello", "payments", "membership", "coupons", "community"}) {
    const Document plugin = plugin_of(admin, id);
    EXPECT_EQ(json::text(plugin, "state"), "running") << json::to_text(plugin);
    EXPECT_EQ(json::text(plugin, "mode"), plugin_mode());
    EXPECT_EQ(json::text(plugin, "version"), "1.0.0");
  }
  EXPECT_EQ(host.terminate(), 0) << host.output();
}

TEST(Lifecycle, ABadPluginNeverKeepsTheHostOrAnotherPluginFromStarting) {
  HostProcess host({.plugins = {"hello", "coupons", "membership"}, .environment = {}});
  // A library that is no library, a manifest that is no JSON, and a path that leads nowhere.
  const fs::path broken = host.data().parent_path() / "broken";
  fs::copy(fs::path(FORECOURT_BINARY_DIR) / "plugins" / "membership", broken,
           fs::copy_options::recursive);
  write_file(broken / "membership.so", "not an ELF file");
  auto manifest = json::parse(read_file(host.manifests() / "membership.json"));
  ASSERT_TRUE(manifest.ok());
  (*manifest)["path"].SetString(broken.c_str(), manifest->GetAllocator());
  write_file(host.manifests() / "membership.json", json::to_text(*manifest));
  manifest = json::parse(read_file(host.manifests() / "coupons.json"));
  ASSERT_TRUE(manifest.ok());
  (*manifest)["path"].SetString("/nowhere/coupons", manifest->GetAllocator());
  write_file(host.manifests() / "coupons.json", json::to_text(*manifest));
  write_file(host.manifests() / "torn.json", "{\"manifest\":1,");

  host.start();
  HttpClient admin = host.client();
  EXPECT_EQ(admin.get("/v1/hello?name=Ada").status, 200);
  for (const char* id : {"membership", "coupons"}) {
    const Document plugin = plugin_of(admin, id);
    EXPECT_EQ(json::text(plugin, "state"), "failed") << id;
    EXPECT_FALSE(json::text(plugin, "reason").empty()) << id;
  }
  const Answer refused = admin.get("/v1/membership/members?openid=x");
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_EQ(text_of(refused, "code"), "plugin-unavailable");
  EXPECT_NE(host.output().find("torn.json"), std::string::npos)
      << "the log names the broken manifest";
}

TEST(Lifecycle, ARestartKeepsEverything) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const std::string code = scene.issue(admin, scene.batch, "mem_keep", "keep");
  const std::string key = scene.key_of("store-12");
  const std::string before = admin.get("/v1/coupons/coupons/" + code).body;
  EXPECT_EQ(scene.host.terminate(), 0) << scene.host.output();
  scene.host.start();
  HttpClient store = scene.host.client(key);
  const Answer after = store.get("/v1/coupons/coupons/" + code);
  EXPECT_EQ(after.status, 200);
  EXPECT_EQ(after.body, before);
}

TEST(Lifecycle, WhatTheApiSetWinsOverFilesUntilAnApply) {
  HostProcess host({.plugins = {"hello"}, .environment = {}});
  host.start();
  {
    HttpClient admin = host.client();
    EXPECT_EQ(admin.post("/admin/v1/plugins/hello/disable", "").status, 200);
    EXPECT_EQ(admin.get("/v1/hello?name=Ada").status, 503);
  }
  EXPECT_EQ(host.terminate(), 0);
  host.start();
  HttpClient admin = host.client();
  EXPECT_EQ(json::text(plugin_of(admin, "hello"), "state"), "disabled");
  const Outcome applied = forecourt("apply" + at_host(host) + host.manifests().string());
  EXPECT_EQ(applied.status, 0) << applied.text;
  EXPECT_EQ(json::text(plugin_of(admin, "hello"), "state"), "running");
  EXPECT_EQ(admin.get("/v1/hello?name=Ada").status, 200);
  const Outcome again = forecourt("apply" + at_host(host) + host.manifests().string());
  EXPECT_EQ(again.status, 0) << "apply is idempotent: " << again.text;
}

TEST(Lifecycle, TheCommandLineListsDisablesEnablesAndRemoves) {
  HostProcess host({.plugins = {"hello"}, .environment = {}});
  host.start();
  HttpClient admin = host.client();
  const Outcome listed = forecourt("plugins" + at_host(host));
  EXPECT_EQ(listed.status, 0);
  EXPECT_NE(listed.text.find("hello"), std::string::npos) << listed.text;
  EXPECT_EQ(forecourt("disable hello" + at_host(host)).status, 0);
  EXPECT_EQ(admin.get("/v1/hello?name=Ada").status, 503);
  EXPECT_EQ(forecourt("enable hello" + at_host(host)).status, 0);
  EXPECT_EQ(admin.get("/v1/hello?name=Ada").status, 200);
  EXPECT_EQ(forecourt("remove hello" + at_host(host)).status, 0);
  EXPECT_EQ(admin.get("/v1/hello?name=Ada").status, 404);
  EXPECT_NE(forecourt("disable nobody" + at_host(host)).status, 0);
}

TEST(Lifecycle, ConfigIsCheckedInheritedAndLockable) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const std::string config = "/admin/v1/plugins/membership/config?org=";
  const int refused = admin.put(config + "group", R"({"points_per_yuan":"many"})").status;
  EXPECT_TRUE(refused == 400 || refused == 422) << refused;
  EXPECT_EQ(admin.put(config + "nowhere", R"({"points_per_yuan":2})").status, 404);
  ASSERT_EQ(
      admin.put(config + "brand-1", R"({"points_per_yuan":{"value":2,"locked":true}})").status,
      200);
  EXPECT_EQ(admin.put(config + "store-12", R"({"points_per_yuan":5})").status, 409);

  const auto call = scene.wechat.payment("EV-CFG", {"4500001", "order-cfg", "openid-cfg", 1000});
  HttpClient channel = scene.host.client("");
  ASSERT_EQ(channel.post(scene.notify_path(), call.body, call.headers).status / 100, 2);
  ASSERT_TRUE(eventually([&] {
    const Document page = json_of(admin.get("/v1/membership/members?openid=openid-cfg"));
    const json::Value* items = json::find(page, "items");
    return items && items->Size() == 1 && integer_of((*items)[0], "points") == 20;
  })) << "the brand's value applies from the next call on: 10 yuan, two points each";
}

TEST(Lifecycle, ASecondHostOnTheSameDataRefuses) {
  HostProcess host({.plugins = {"hello"}, .environment = {}});
  host.start();
  const Outcome second = forecourt("serve --listen 127.0.0.1:0 --data " + host.data().string());
  EXPECT_NE(second.status, 0);
  EXPECT_NE(second.text.find(host.data().string()), std::string::npos) << second.text;
  EXPECT_EQ(host.client().get("/v1/hello?name=Ada").status, 200);
}

TEST(Lifecycle, ABadSettingNamesItselfAndItsSource) {
  const Outcome outcome = forecourt("serve --listen nonsense --data /tmp/forecourt-never");
  EXPECT_NE(outcome.status, 0);
  EXPECT_NE(outcome.text.find("listen"), std::string::npos) << outcome.text;
  EXPECT_NE(outcome.text.find("nonsense"), std::string::npos) << outcome.text;
}

TEST(Lifecycle, KeysAreScopedBoundToAnOrgAndRevocable) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const Answer made =
      admin.post("/admin/v1/keys", R"({"org":"store-12","name":"till","scopes":["coupons:read"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string code = scene.issue(admin, scene.batch, "mem_scope", "scope");
  HttpClient till = scene.host.client(text_of(made, "key"));
  EXPECT_EQ(till.get("/v1/coupons/coupons/" + code).status, 200);
  EXPECT_EQ(till.post("/v1/coupons/coupons/" + code + "/redeem",
                      R"({"request_no":"scope-1","store":"store-12","order_amount_fen":9000})")
                .status,
            403);
  EXPECT_EQ(till.get("/v1/hello?name=Ada").status, 200) << "any valid key";
  const Answer listed = admin.get("/admin/v1/keys");
  EXPECT_EQ(listed.body.find(text_of(made, "key")), std::string::npos) << "a key is shown once";
  EXPECT_EQ(admin.send("DELETE", "/admin/v1/keys/" + text_of(made, "id")).status, 204);
  EXPECT_EQ(till.get("/v1/coupons/coupons/" + code).status, 401);
}

TEST(Lifecycle, AnIdempotencyKeyMakesAWriteSafeToRepeat) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const std::string body =
      R"({"name":"once","kind":"EXCHANGE","threshold_fen":0,"total":5,"per_member":1,"valid_from":"2020-01-01T00:00:00Z","valid_days":3,"stores":[]})";
  const Answer first =
      admin.post("/v1/coupons/batches", body, {{"Idempotency-Key", "\"batch-1\""}});
  ASSERT_EQ(first.status, 201) << first.body;
  const Answer again =
      admin.post("/v1/coupons/batches", body, {{"Idempotency-Key", "\"batch-1\""}});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  std::string other = body;
  other.replace(other.find("once"), 4, "more");
  EXPECT_EQ(admin.post("/v1/coupons/batches", other, {{"Idempotency-Key", "\"batch-1\""}}).status,
            422);
  scene.host.kill();
  scene.host.start();
  HttpClient later = scene.host.client();
  EXPECT_EQ(later.post("/v1/coupons/batches", body, {{"Idempotency-Key", "\"batch-1\""}}).body,
            first.body);
}

}  // namespace
}  // namespace e2e
