// A backup under load is one moment of all stores; restored, it goes on as if nothing after it had
// been, and nothing before it is lost or done twice.

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "e2e/support/command_line.hpp"
#include "e2e/support/scene.hpp"
#include "support/http_receiver.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;
namespace json = forecourt::json;

constexpr int k_people = 5;

/// Payments, one after another, until told to stop. The numbers acknowledged.
class Payers {
 public:
  explicit Payers(Scene& scene) : scene_(scene) {
    for (int t = 0; t < 3; ++t) threads_.emplace_back([this] { run(); });
  }
  ~Payers() { stop(); }
  void stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  std::set<int> acknowledged() {
    std::lock_guard lock(mutex_);
    return acknowledged_;
  }
  int refused() const { return refused_; }
  int issued() const { return next_; }
  bool wait_for(size_t count) {
    return eventually([&] { return acknowledged().size() >= count; });
  }
  static WeChat::Callback callback(const Scene& scene, int number) {
    const std::string n = std::to_string(number);
    return scene.wechat.payment("EV-B" + n, {"47000" + n, "order-b" + n,
                                             "openid-b" + std::to_string(number % k_people), 300});
  }

 private:
  void run() {
    HttpClient client = scene_.host.client("");
    while (!stop_) {
      const int number = next_++;
      const auto call = callback(scene_, number);
      const Answer answer = client.post(scene_.notify_path(), call.body, call.headers);
      if (answer.status / 100 != 2) ++refused_;
      std::lock_guard lock(mutex_);
      if (answer.status / 100 == 2) acknowledged_.insert(number);
    }
  }

  Scene& scene_;
  std::atomic<bool> stop_{false};
  std::atomic<int> next_{0};
  std::atomic<int> refused_{0};
  std::mutex mutex_;
  std::set<int> acknowledged_;
  std::vector<std::thread> threads_;
};

/// A verb on the scene's data folder.
Outcome run_on(const Scene& scene, const std::string& arguments) {
  return forecourt(arguments + " --data " + scene.host.data().string());
}
Outcome back_up(const Scene& scene, const fs::path& into, const std::string& more = {}) {
  return run_on(scene, "backup " + into.string() + " --key " + k_admin_key + more);
}

const std::set<std::string> k_stores = {"@host", "@webhooks",  "community", "coupons",
                                        "hello", "membership", "payments"};
std::set<std::string> stores_in(const fs::path& backup) {
  std::set<std::string> names;
  const auto description = json::parse_file((backup / "backup.json").string());
  EXPECT_TRUE(description.ok()) << backup;
  if (!description) return names;
  for (const json::Value& store : json::find(*description, "stores")->GetArray())
    names.emplace(json::text(store, "name"));
  return names;
}

std::string first_id(HttpClient& client, const std::string& target) {
  const Document page = json_of(client.get(target));
  const json::Value* items = json::find(page, "items");
  return items && !items->Empty() ? std::string(json::text((*items)[0], "id")) : "";
}

int64_t ledger_sum(HttpClient& client, const std::string& member) {
  int64_t sum = 0;
  std::string cursor;
  for (int pages = 0; pages < 1000; ++pages) {
    const Document page =
        json_of(client.get("/v1/membership/members/" + member + "/ledger?limit=100" + cursor));
    const json::Value* items = json::find(page, "items");
    if (!items || !items->IsArray()) return INT64_MIN;
    for (const json::Value& row : items->GetArray()) sum += integer_of(row, "points");
    const std::string_view next = json::text(page, "next_cursor");
    if (next.empty()) return sum;
    cursor = "&cursor=" + std::string(next);
  }
  return INT64_MIN;
}

TEST(Backup, RefusesWhatItCannotDo) {
  Scene scene;
  const Outcome into_data = back_up(scene, scene.host.data());
  EXPECT_EQ(into_data.status, 1);
  EXPECT_NE(into_data.text.find("data folder"), std::string::npos) << into_data.text;
  EXPECT_EQ(back_up(scene, scene.host.data().parent_path() / "no/parent").status, 1);
}

TEST(Backup, WhileServingHoldsOneMomentAndIsRestored) {
  Scene scene;
  const fs::path backup = scene.host.data().parent_path() / "backup";
  std::set<int> before;
  int issued = 0;
  {
    Payers payers(scene);
    ASSERT_TRUE(payers.wait_for(60)) << scene.host.output();
    before = payers.acknowledged();
    const Outcome made = back_up(scene, backup);
    ASSERT_EQ(made.status, 0) << made.text << scene.host.output();
    EXPECT_EQ(stores_in(backup), k_stores) << made.text;
    EXPECT_NE(made.text.find("secrets key is not in it"), std::string::npos) << made.text;
    EXPECT_EQ(back_up(scene, backup).status, 1) << "not empty any more";
    ASSERT_TRUE(payers.wait_for(before.size() + 60));
    payers.stop();
    issued = payers.issued();
    EXPECT_EQ(payers.refused(), 0) << "a write failed while the backup was made";
  }
  ASSERT_EQ(scene.host.terminate(), 0);

  EXPECT_EQ(run_on(scene, "restore " + backup.string()).status, 1) << "there is data already";
  const Outcome restored = run_on(scene, "restore " + backup.string() + " --replace");
  ASSERT_EQ(restored.status, 0) << restored.text;
  scene.host.start();
  ASSERT_NE(scene.host.port(), 0) << scene.host.output();
  HttpClient admin = scene.host.client();
  EXPECT_EQ(admin.get("/readyz").status, 200) << "no cursor stands beyond its publisher";

  int kept = 0;
  for (const int number : before) {
    const Answer order = admin.get("/v1/payments/orders/order-b" + std::to_string(number) +
                                   "?merchant_id=" + scene.merchant);
    EXPECT_EQ(order.status, 200) << number << ": acknowledged before the backup and lost";
    ++kept;
  }
  EXPECT_GE(kept, 60);

  // The channel sends everything again; each payment is credited once, those of the backup too.
  HttpClient channel = scene.host.client("");
  int64_t expected[k_people] = {};
  for (int number = 0; number < issued; ++number) {
    const auto call = Payers::callback(scene, number);
    ASSERT_EQ(channel.post(scene.notify_path(), call.body, call.headers).status / 100, 2);
    expected[number % k_people] += 3;
  }
  for (int who = 0; who < k_people; ++who) {
    const std::string openid = "openid-b" + std::to_string(who);
    std::string member;
    int64_t points = -1;
    EXPECT_TRUE(eventually([&] {
      member = first_id(admin, "/v1/membership/members?openid=" + openid);
      if (member.empty()) return false;
      points = integer_of(json_of(admin.get("/v1/membership/members/" + member)), "points");
      return points >= expected[who];
    })) << openid
        << ": " << points << " of " << expected[who] << scene.host.output();
    EXPECT_EQ(points, expected[who]) << openid;
    EXPECT_EQ(ledger_sum(admin, member), points) << "the balance is the sum of the ledger";
    EXPECT_TRUE(eventually([&] {
      const Document coupons = json_of(admin.get("/v1/coupons/coupons?member_id=" + member));
      const json::Value* items = json::find(coupons, "items");
      return items && items->IsArray() && items->Size() == 1;
    })) << "one welcome coupon for "
        << openid;
  }
  EXPECT_NE(admin.get("/admin/v1/audit/check").body.find("\"intact\":true"), std::string::npos);
  EXPECT_EQ(admin.get("/readyz").status, 200);
}

TEST(Backup, HoldsTheDeliveriesThatWaitAndARestoreSendsThemOnce) {
  // Attempts that nobody answers: they wait as if they had not been made.
  std::promise<void> answers;
  const std::shared_future<void> answered = answers.get_future().share();
  std::atomic<size_t> arrived{0};
  forecourt::test::HttpReceiver receiver([&](const auto&) {
    ++arrived;
    answered.wait();
    return forecourt::test::HttpReceiver::Reply{};
  });
  HostProcess::Options options;
  options.environment["FORECOURT_WEBHOOKS_REACH"] = "loopback";
  Scene scene(options);
  HttpClient admin = scene.host.client();
  const Answer hooked =
      admin.post("/admin/v1/webhooks", R"({"org":"group","url":")" + receiver.url() +
                                           R"(","types":["payments.payment.verified"]})");
  ASSERT_EQ(hooked.status, 201) << hooked.body;
  const std::string listing = "/admin/v1/webhooks/" + text_of(hooked, "id") + "/deliveries";
  HttpClient channel = scene.host.client("");
  for (int number = 1; number <= 3; ++number) {
    const auto call = Payers::callback(scene, number);
    ASSERT_EQ(channel.post(scene.notify_path(), call.body, call.headers).status / 100, 2);
  }
  const bool tried = eventually([&] { return arrived == 3; });
  const fs::path backup = scene.host.data().parent_path() / "backup";
  const Outcome made = back_up(scene, backup);
  scene.host.kill();
  answers.set_value();
  ASSERT_TRUE(tried);
  ASSERT_EQ(made.status, 0) << made.text;
  const Outcome restored = run_on(scene, "restore " + backup.string() + " --replace");
  ASSERT_EQ(restored.status, 0) << restored.text;
  ASSERT_TRUE(receiver.wait_for(3));
  std::set<std::string> waiting;
  for (auto& request : receiver.requests()) waiting.insert(request.headers["webhook-id"]);

  scene.host.start();
  ASSERT_NE(scene.host.port(), 0) << scene.host.output();
  HttpClient again = scene.host.client();
  const auto delivered = [&] {
    const Document page = json_of(again.get(listing + "?state=delivered"));
    const json::Value* items = json::find(page, "items");
    return items && items->IsArray() ? items->Size() : 0;
  };
  ASSERT_TRUE(eventually([&] { return delivered() == 3; })) << again.get(listing).body;
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 6u) << "once each";
  std::set<std::string> sent;
  for (size_t i = 3; i < requests.size(); ++i) sent.insert(requests[i].headers.at("webhook-id"));
  EXPECT_EQ(sent, waiting) << "under the same ids";
}

TEST(Backup, OfAStoppedHostWorksOnItsData) {
  Scene scene;
  const auto call = Payers::callback(scene, 1);
  HttpClient channel = scene.host.client("");
  ASSERT_EQ(channel.post(scene.notify_path(), call.body, call.headers).status / 100, 2);
  scene.host.kill();
  const fs::path backup = scene.host.data().parent_path() / "backup";
  const Outcome made = back_up(scene, backup, " --with-secrets-key");
  if (plugin_mode() == "isolated") {
    // Only their processes could tell what is in the plugins' stores.
    EXPECT_EQ(made.status, 1);
    EXPECT_NE(made.text.find("start the plugin"), std::string::npos) << made.text;
    EXPECT_FALSE(fs::exists(backup / "backup.json"));
    return;
  }
  ASSERT_EQ(made.status, 0) << made.text;
  EXPECT_TRUE(fs::exists(backup / "secrets.key"));
  fs::remove_all(scene.host.data());
  const Outcome restored = run_on(scene, "restore " + backup.string());
  ASSERT_EQ(restored.status, 0) << restored.text;
  scene.host.start();
  ASSERT_NE(scene.host.port(), 0) << scene.host.output();
  // The merchant's key is sealed: with its key back, callbacks are verified again.
  HttpClient again = scene.host.client("");
  const auto next = Payers::callback(scene, 2);
  EXPECT_EQ(again.post(scene.notify_path(), next.body, next.headers).status / 100, 2);
  EXPECT_EQ(
      scene.host.client().get("/v1/payments/orders/order-b1?merchant_id=" + scene.merchant).status,
      200);
}

}  // namespace
}  // namespace e2e
