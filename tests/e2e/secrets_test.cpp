// Every secret that went into the host is looked for in everything that comes out of it: logs at
// their most talkative, audit log, config, metrics, listings, backups, the data files themselves.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "e2e/support/command_line.hpp"
#include "e2e/support/scene.hpp"
#include "support/http_receiver.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;
namespace json = forecourt::json;

constexpr const char* k_aes_key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
constexpr const char* k_token = "QDG6eKcallbackTokenOfTheCorp";

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::string hex(const std::string& bytes) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += k_digits[static_cast<unsigned char>(c) >> 4];
    text += k_digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

struct Place {
  std::string name;
  std::string content;
};

/// All files below a folder but those whose whole purpose is to hold a key.
std::vector<Place> files_in(const fs::path& folder) {
  std::vector<Place> places;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || name == "secrets.key" || name == "admin.key") continue;
    if (entry.path().string().find("/libraries/") != std::string::npos) continue;
    places.push_back({entry.path().string(), read(entry.path())});
  }
  return places;
}

Place audit_log(HttpClient& admin) {
  std::string text;
  std::string cursor;
  for (int pages = 0; pages < 100; ++pages) {
    const Answer page = admin.get("/admin/v1/audit?limit=100" + cursor);
    text += page.body;
    const Document document = json_of(page);
    const std::string_view next = json::text(document, "next_cursor");
    if (next.empty()) break;
    cursor = "&cursor=" + std::string(next);
  }
  return {"audit log", text};
}

/// What a receiver of webhooks was sent.
Place deliveries(const forecourt::test::HttpReceiver& receiver) {
  std::string text;
  for (const auto& request : receiver.requests()) {
    text += request.target + "\n";
    for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
    text += request.body + "\n";
  }
  return {"deliveries of webhooks", text};
}

bool holds(const std::vector<Place>& places, const std::string& text) {
  return std::ranges::any_of(
      places, [&](const Place& place) { return place.content.find(text) != std::string::npos; });
}

TEST(Secrets, AppearNowhere) {
  forecourt::test::HttpReceiver receiver;
  HostProcess::Options options;
  options.environment["FORECOURT_WEBHOOKS_REACH"] = "loopback";
  options.environment["FORECOURT_LOG_LEVEL"] = "debug";
  Scene scene(options);
  ASSERT_NE(scene.host.port(), 0);
  HttpClient admin = scene.host.client();
  const std::string issued = scene.key_of("store-12");
  HttpClient store = scene.host.client(issued);

  // Repeatable answers are kept; this one, with a secret in it, must not be.
  const Answer hooked = admin.post(
      "/admin/v1/webhooks",
      R"({"org":"group","url":")" + receiver.url() + R"(","types":["payments.payment.verified"]})",
      {{"Idempotency-Key", "hook-1"}});
  ASSERT_EQ(hooked.status, 201) << hooked.body;
  const std::string hook = text_of(hooked, "id");
  const std::string hook_secret = text_of(hooked, "secret");
  const std::string repeatable =
      text_of(admin.post("/admin/v1/keys", R"({"org":"store-13","name":"r","scopes":["*"]})",
                         {{"Idempotency-Key", "key-1"}}),
              "key");

  // The chain, a corp, refusals: bad signatures and bad bodies are where secrets like to be logged.
  HttpClient channel = scene.host.client("");
  const auto paid = scene.wechat.payment("EV-SECRET", {"49001", "order-secret", "openid-s", 900});
  ASSERT_EQ(channel.post(scene.notify_path(), paid.body, paid.headers).status / 100, 2);
  EXPECT_GE(channel.post(scene.notify_path(), paid.body + " ", paid.headers).status, 400);
  EXPECT_EQ(admin
                .post("/v1/community/corps",
                      std::string(R"({"corp_id":"ww1234567890abcdef","token":")") + k_token +
                          R"(","encoding_aes_key":")" + k_aes_key + R"(","org":"store-12"})")
                .status,
            201);
  EXPECT_GE(admin
                .post("/v1/payments/merchants",
                      std::string(R"({"channel":"wechat","mchid":7,"api_v3_key":")") +
                          scene.wechat.api_v3_key() + R"("})")
                .status,
            400);
  EXPECT_EQ(store.get("/v1/membership/members").status, 200);
  EXPECT_EQ(store.get("/admin/v1/audit").status / 100, 4);
  EXPECT_EQ(scene.host.client(issued + "x").get("/v1/membership/members").status, 401);
  ASSERT_TRUE(eventually([&] {
    return admin.get("/v1/membership/members?openid=openid-s").body.find("mem_") !=
           std::string::npos;
  }));
  ASSERT_TRUE(receiver.wait_for(1));
  // What plugins record is chained a little later.
  ASSERT_TRUE(eventually([&] { return holds({audit_log(admin)}, "merchant.create"); }));
  const fs::path backup = scene.host.data().parent_path() / "backup";
  const Outcome made = forecourt("backup " + backup.string() + " --key " + k_admin_key +
                                 " --data " + scene.host.data().string());
  ASSERT_EQ(made.status, 0) << made.text;

  std::vector<Place> places = {audit_log(admin), deliveries(receiver)};
  for (const std::string& target : std::vector<std::string>{
           "/admin/v1/webhooks", "/admin/v1/webhooks/" + hook,
           "/admin/v1/webhooks/" + hook + "/deliveries", "/metrics", "/openapi.json", "/readyz",
           "/admin/v1/plugins", "/admin/v1/keys", "/admin/v1/orgs", "/admin/v1/backups/latest",
           "/admin/v1/plugins/payments/config?org=group",
           "/admin/v1/plugins/community/config?org=group", "/v1/payments/merchants",
           "/v1/community/corps"}) {
    const Answer answer = admin.get(target);
    EXPECT_EQ(answer.status, 200) << target;
    places.push_back({target, answer.body});
  }
  const std::string seal_key = read(scene.host.data() / "secrets.key");
  ASSERT_EQ(scene.host.terminate(), 0);
  places.push_back({"logs", scene.host.output()});
  for (const fs::path& folder : {scene.host.data(), backup}) {
    for (Place& place : files_in(folder)) places.push_back(std::move(place));
  }

  // It would be found: what is no secret is.
  EXPECT_TRUE(holds(places, scene.merchant));
  EXPECT_TRUE(holds(places, "order-secret"));
  EXPECT_TRUE(holds({places[0]}, "merchant.create"));
  EXPECT_TRUE(holds({{"logs", scene.host.output()}}, scene.notify_path()));
  EXPECT_TRUE(holds({places[1]}, "order-secret"));
  ASSERT_FALSE(seal_key.empty());
  for (const std::string& secret :
       {scene.wechat.api_v3_key(), std::string(k_aes_key), std::string(k_token),
        std::string(k_admin_key), issued, repeatable, hook_secret, hook_secret.substr(6), seal_key,
        hex(seal_key)}) {
    for (const Place& place : places) {
      EXPECT_EQ(place.content.find(secret), std::string::npos)
          << "secret " << secret.substr(0, 4) << "... is in " << place.name;
    }
  }
}

}  // namespace
}  // namespace e2e
