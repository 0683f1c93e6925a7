// The host is killed while a plugin goes into a process of its own or comes back: its data is where
// it was or where it goes, whole, and every acknowledged write with it.

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "base/json.hpp"
#include "faults/support/codes.hpp"
#include "faults/support/size.hpp"

namespace faults {
namespace {

namespace json = forecourt::json;

using e2e::Answer;
using e2e::HttpClient;

class KillWhileMoving : public testing::Test {
 protected:
  KillWhileMoving()
      : scene_({.plugins = {"payments", "membership", "coupons"},
                .environment = {{"FORECOURT_ACCESS_LOG", "off"}, {"FORECOURT_LOG_LEVEL", "off"}},
                .mode = "in-process"}) {}

  std::string mode() {
    return std::string(
        json::text(e2e::json_of(scene_.host.client().get("/admin/v1/plugins/coupons")), "mode"));
  }
  Answer change(const std::string& to) {
    auto manifest = json::parse_file((scene_.host.manifests() / "coupons.json").string());
    EXPECT_TRUE(manifest.ok());
    (*manifest)["mode"].SetString(to.c_str(), manifest->GetAllocator());
    HttpClient client(scene_.host.port(), e2e::k_admin_key, 120'000);
    return client.put("/admin/v1/plugins/coupons", json::to_text(*manifest));
  }
  Answer issue(HttpClient& client, const std::string& key) {
    return client.post("/v1/coupons/batches/" + batch_ + "/issue",
                       R"({"member_id":"mem_1","source_id":"s)" + key + R"("})",
                       {{"Idempotency-Key", key}});
  }
  void write(int64_t round, int writer) {
    HttpClient client = scene_.host.client();
    for (int n = 0;; ++n) {
      const std::string key =
          std::to_string(round) + "-" + std::to_string(writer) + "-" + std::to_string(n);
      const Answer answer = issue(client, key);
      if (answer.status == 0) return;  // the host is gone
      if (answer.status != 201) continue;
      std::lock_guard lock(mutex_);
      told_.emplace_back(key, answer.body);
    }
  }
  size_t acknowledged() {
    std::lock_guard lock(mutex_);
    return told_.size();
  }
  /// One change of mode beside writers, and the end in its midst.
  void round(int64_t number, const std::string& to, size_t writes) {
    const size_t until = acknowledged() + writes;
    std::vector<std::thread> threads;
    for (int writer = 0; writer < 3; ++writer)
      threads.emplace_back([this, number, writer] { write(number, writer); });
    // Its answer is nobody's concern: the host may be gone before it comes.
    threads.emplace_back([this, to] { change(to); });
    EXPECT_TRUE(e2e::eventually([&] { return acknowledged() >= until; })) << scene_.host.output();
    scene_.host.kill();
    for (std::thread& thread : threads) thread.join();
  }
  /// Everything of the rounds since the last look is there, and is said again.
  void expect_true() {
    HttpClient client = scene_.host.client();
    for (; looked_at_ < told_.size(); ++looked_at_) {
      const auto& [key, answer] = told_[looked_at_];
      const Answer again = issue(client, key);
      ASSERT_EQ(again.body, answer) << key << ": acknowledged and lost";
    }
    EXPECT_EQ(client.get("/readyz").status, 200) << client.get("/readyz").body;
  }

  e2e::Scene scene_;
  std::string batch_;
  std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> told_;  // guarded by mutex_ while clients run
  size_t looked_at_ = 0;
};

TEST_F(KillWhileMoving, FindsTheDataHereOrThereAndWhole) {
  HttpClient admin = scene_.host.client();
  batch_ = scene_.make_batch(admin, 10'000'000, 10'000'000);
  issue_codes(scene_, size(1'000, 20'000));  // so that there is something to move
  const int64_t rounds = size(6, 100);
  std::mt19937 random(5);
  int64_t arrived = 0;
  for (int64_t number = 0; number < rounds && !HasFatalFailure(); ++number) {
    const std::string from = number % 2 == 0 ? "in-process" : "isolated";
    const std::string to = number % 2 == 0 ? "isolated" : "in-process";
    if (mode() != from) {
      const Answer changed = change(from);
      ASSERT_EQ(changed.status, 200) << number << ": " << changed.body;
    }
    ASSERT_EQ(mode(), from);
    round(number, to, 1 + random() % static_cast<size_t>(size(150, 600)));
    scene_.host.start();
    ASSERT_NE(scene_.host.port(), 0) << scene_.host.output();
    if (mode() == to) ++arrived;
    expect_true();
  }
  // The count is as true as the coupons are.
  HttpClient client = scene_.host.client();
  const e2e::Document batch = e2e::json_of(client.get("/v1/coupons/batches/" + batch_));
  EXPECT_GE(e2e::integer_of(batch, "issued"), std::ssize(told_));
  report(grouped(rounds) + " kills", grouped(std::ssize(told_)) + " acknowledgements held, " +
                                         grouped(arrived) + " after the change");
}

}  // namespace
}  // namespace faults
