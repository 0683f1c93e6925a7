// A plugin goes from the host into a process of its own and back, with all it has.

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "e2e/support/command_line.hpp"
#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;
namespace json = forecourt::json;

constexpr int k_writers = 4;

HostProcess::Options quiet(std::vector<std::string> plugins) {
  HostProcess::Options options;
  options.plugins = std::move(plugins);
  options.mode = "in-process";
  options.environment["FORECOURT_ACCESS_LOG"] = "off";
  return options;
}

class ChangeOfMode : public testing::Test {
 protected:
  explicit ChangeOfMode() : scene_(quiet({"hello", "payments", "membership", "coupons"})) {}

  std::string manifest(const std::string& plugin, const std::string& mode) const {
    auto manifest = json::parse_file((scene_.host.manifests() / (plugin + ".json")).string());
    EXPECT_TRUE(manifest.ok());
    (*manifest)["mode"].SetString(mode.c_str(), manifest->GetAllocator());
    if (plugin == "coupons") {
      auto config = json::parse(R"({"group":{"welcome_batch":")" + scene_.batch + "\"}}");
      (*manifest).AddMember("config", json::Value(*config, manifest->GetAllocator()),
                            manifest->GetAllocator());
    }
    return json::to_pretty_text(*manifest);
  }
  void change(const std::string& plugin, const std::string& mode) {
    HttpClient admin(scene_.host.port(), k_admin_key, 120'000);
    const Answer changed = admin.put("/admin/v1/plugins/" + plugin, manifest(plugin, mode));
    ASSERT_EQ(changed.status, 200) << changed.body;
    const Document now = json_of(admin.get("/admin/v1/plugins/" + plugin));
    EXPECT_EQ(json::text(now, "mode"), mode);
    EXPECT_EQ(json::text(now, "state"), "running");
    EXPECT_EQ(integer_of(now, "process") != 0, mode == "isolated");
  }

  /// Coupons issued under an Idempotency-Key each, until `stop`.
  void write(int writer) {
    HttpClient client = scene_.host.client();
    for (int n = 0; !stop_; ++n) {
      const std::string key = std::to_string(writer) + "-" + std::to_string(n);
      const Answer answer = issue(client, key);
      std::lock_guard lock(mutex_);
      if (answer.status != 201) {
        refused_ += key + ": " + std::to_string(answer.status) + " " + answer.body + "\n";
        continue;
      }
      acknowledged_[key] = answer.body;
    }
  }
  Answer issue(HttpClient& client, const std::string& key) {
    return client.post("/v1/coupons/batches/" + batch_ + "/issue",
                       R"({"member_id":"mem_1","source_id":"s)" + key + R"("})",
                       {{"Idempotency-Key", key}});
  }
  size_t written() {
    std::lock_guard lock(mutex_);
    return acknowledged_.size();
  }
  void expect_more(size_t more) {
    const size_t until = written() + more;
    EXPECT_TRUE(eventually([&] { return written() >= until; }, 60));
  }

  /// All that was acknowledged is there once, and is said again byte for byte.
  void expect_all_there() {
    HttpClient client = scene_.host.client();
    const Document issued = json_of(client.get("/v1/coupons/batches/" + batch_));
    EXPECT_EQ(integer_of(issued, "issued"), static_cast<int64_t>(acknowledged_.size()));
    for (const auto& [key, answer] : acknowledged_) {
      const Answer again = issue(client, key);
      ASSERT_EQ(again.body, answer) << key;
    }
  }

  Scene scene_;
  std::string batch_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::map<std::string, std::string> acknowledged_;  // Idempotency-Key to answer
  std::string refused_;
};

TEST_F(ChangeOfMode, ThereAndBackUnderWritersWithoutAFailedRequest) {
  HttpClient admin = scene_.host.client();
  batch_ = scene_.make_batch(admin, 1'000'000, 1'000'000);
  std::vector<std::thread> writers;
  for (int i = 0; i < k_writers; ++i) writers.emplace_back([this, i] { write(i); });
  for (int round = 0; round < 2; ++round) {
    expect_more(40);
    change("coupons", "isolated");
    expect_more(40);
    change("coupons", "in-process");
  }
  expect_more(40);
  stop_ = true;
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(refused_, "");
  expect_all_there();
  scene_.host.kill();
  scene_.host.start();
  expect_all_there();
}

TEST_F(ChangeOfMode, EventsAreDeliveredOnceWhoeverMoves) {
  // A payment becomes a member and a coupon, while each of the three moves. A channel sends again
  // what was not acknowledged, and has no more to send than the others can keep up with.
  std::atomic<int> allowed{0};
  std::atomic<int> paid{0};
  std::thread payer([&] {
    HttpClient client = scene_.host.client("");
    while (!stop_) {
      if (paid >= allowed) {
        std::this_thread::yield();
        continue;
      }
      const std::string number = std::to_string(paid);
      const auto call = scene_.wechat.payment(
          "EV-M" + number, {"44000" + number, "order-m" + number, "openid-m" + number, 700});
      if (client.post(scene_.notify_path(), call.body, call.headers).status / 100 == 2) ++paid;
    }
  });
  for (const char* mode : {"isolated", "in-process"}) {
    for (const char* plugin : {"coupons", "payments", "membership"}) {
      allowed += 30;
      change(plugin, mode);
      allowed += 5;
      const int until = allowed;
      EXPECT_TRUE(eventually([&] { return paid >= until; }, 60));
    }
  }
  stop_ = true;
  payer.join();
  HttpClient admin = scene_.host.client();
  for (int n = 0; n < paid; ++n) {
    const std::string openid = "openid-m" + std::to_string(n);
    std::string member;
    ASSERT_TRUE(eventually([&] {
      const Document found = json_of(admin.get("/v1/membership/members?openid=" + openid));
      const json::Value* items = json::find(found, "items");
      if (!items || items->Size() != 1) return false;
      member = json::text((*items)[0], "id");
      return integer_of((*items)[0], "points") == 7;
    })) << openid;
    ASSERT_TRUE(eventually([&] {
      return json::find(json_of(admin.get("/v1/coupons/coupons?member_id=" + member)), "items")
                 ->Size() == 1;
    })) << openid
        << " of " << paid << "; " << admin.get("/readyz").body;
  }
  EXPECT_EQ(admin.get("/readyz").status, 200) << admin.get("/readyz").body;
}

TEST_F(ChangeOfMode, AManifestThatChangedWhileTheHostWasDownIsFollowedAtItsStart) {
  HttpClient admin = scene_.host.client();
  batch_ = scene_.make_batch(admin, 1'000'000, 1'000'000);
  change("coupons", "isolated");
  for (int n = 0; n < 20; ++n) {
    const std::string key = "n-" + std::to_string(n);
    acknowledged_[key] = issue(admin, key).body;
  }
  scene_.host.kill();
  ASSERT_TRUE(fs::exists(scene_.host.data() / "isolated" / "coupons"));
  // The manifests of the folder say "in-process".
  const Outcome applied = forecourt("apply " + scene_.host.manifests().string() + " --data " +
                                    scene_.host.data().string());
  ASSERT_EQ(applied.status, 0) << applied.text;
  scene_.host.start();
  HttpClient client = scene_.host.client();
  const Document now = json_of(client.get("/admin/v1/plugins/coupons"));
  EXPECT_EQ(json::text(now, "state"), "running");
  EXPECT_EQ(integer_of(now, "process"), 0);
  EXPECT_FALSE(fs::exists(scene_.host.data() / "isolated" / "coupons"));
  expect_all_there();
}

TEST_F(ChangeOfMode, APluginThatDoesNotRunComesWithItsDataToo) {
  HttpClient admin = scene_.host.client();
  batch_ = scene_.make_batch(admin, 1'000'000, 1'000'000);
  change("coupons", "isolated");
  acknowledged_["one"] = issue(admin, "one").body;
  ASSERT_EQ(admin.post("/admin/v1/plugins/coupons/disable", "").status, 200);
  change("coupons", "in-process");
  expect_all_there();
}

TEST_F(ChangeOfMode, NothingIsLeftOfWhatAKilledMoveHadBegun) {
  HttpClient admin = scene_.host.client();
  batch_ = scene_.make_batch(admin, 1'000'000, 1'000'000);
  change("coupons", "isolated");
  acknowledged_["one"] = issue(admin, "one").body;
  const fs::path left = scene_.host.data() / "moving" / "coupons";
  fs::create_directories(left);
  std::ofstream(left / "store.db") << "half a database";
  change("coupons", "in-process");
  EXPECT_FALSE(fs::exists(scene_.host.data() / "moving"));
  expect_all_there();
}

}  // namespace
}  // namespace e2e
