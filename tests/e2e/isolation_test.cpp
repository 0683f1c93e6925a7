// Plugins in processes of their own: what a client, an admin and the machine see of them.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "e2e/support/command_line.hpp"
#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace fs = std::filesystem;
namespace json = forecourt::json;

HostProcess::Options only(std::vector<std::string> plugins) {
  HostProcess::Options options;
  options.plugins = std::move(plugins);
  options.mode = "isolated";
  return options;
}

std::string at_host(const HostProcess& host) {
  return " --host http://127.0.0.1:" + std::to_string(host.port()) + " --key " + k_admin_key + " ";
}

Document plugin_of(HttpClient& client, const std::string& id) {
  return json_of(client.get("/admin/v1/plugins/" + id));
}

pid_t process_of(HttpClient& client, const std::string& id) {
  return static_cast<pid_t>(integer_of(plugin_of(client, id), "process"));
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// A process that is there and has not ended.
bool lives(pid_t pid) {
  const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
  const size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.substr(name_end + 2, 1) != "Z";
}

pid_t parent_of(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  const size_t at = status.find("PPid:\t");
  return at == std::string::npos ? -1 : std::atoi(status.c_str() + at + 6);
}

/// A manifest of a test plugin, as an admin would send it.
std::string manifest_of(const std::string& id, const std::string& bundle, const std::string& mode,
                        const std::string& limits = "{}") {
  return R"({"manifest":1,"plugin":")" + id + R"(","path":")" + build_folder() + "/fixtures/" +
         bundle + R"(","mode":")" + mode + R"(","limits":)" + limits +
         R"(,"grants":{"services":["fc.http/1","fc.sql/1","fc.events/1","fc.config/1"]}})";
}

Answer apply(HttpClient& client, const std::string& id, const std::string& manifest) {
  return client.put("/admin/v1/plugins/" + id, manifest);
}

TEST(Isolation, APluginRunsInAProcessOfItsOwnThatNamesIt) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  EXPECT_EQ(client.get("/v1/hello?name=Ada").body, R"({"hello":"Ada"})");
  EXPECT_EQ(client.post("/v1/hello", R"({"name":"Ada"})").body, R"({"hello":"Ada"})");
  const Document plugin = plugin_of(client, "hello");
  EXPECT_EQ(json::text(plugin, "state"), "running");
  EXPECT_EQ(json::text(plugin, "mode"), "isolated");
  const pid_t pid = process_of(client, "hello");
  EXPECT_EQ(parent_of(pid), host.pid());
  std::string words = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  std::replace(words.begin(), words.end(), '\0', ' ');
  EXPECT_EQ(words, "forecourt plugin-host hello ");
  EXPECT_EQ(host.terminate(), 0);
  EXPECT_FALSE(lives(pid));
}

TEST(Isolation, TheDataFolderMayBeARelativePath) {
  HostProcess host(only({"hello"}));
  host.set_environment("FORECOURT_DATA", fs::relative(host.data()).string());
  host.start();
  HttpClient client = host.client();
  EXPECT_EQ(json::text(plugin_of(client, "hello"), "reason"), "");
  EXPECT_EQ(client.get("/v1/hello?name=Ada").status, 200);
}

TEST(Isolation, AProcessEndsWithItsHost) {
  HostProcess host(only({"hello", "coupons"}));
  host.start();
  HttpClient client = host.client();
  const pid_t hello = process_of(client, "hello");
  const pid_t coupons = process_of(client, "coupons");
  ASSERT_TRUE(lives(hello) && lives(coupons));
  host.kill();
  EXPECT_TRUE(eventually([&] { return !lives(hello) && !lives(coupons); }, 10));
}

TEST(Isolation, AKilledProcessIsStartedAgainAndOthersSeeNothing) {
  HostProcess host(only({"hello", "coupons"}));
  host.start();
  HttpClient client = host.client();
  const pid_t coupons = process_of(client, "coupons");
  for (int i = 0; i < 2; ++i) {
    const pid_t before = process_of(client, "hello");
    ASSERT_GT(before, 1);  // 0 would be this test's own group
    ASSERT_EQ(::kill(before, SIGKILL), 0);
    // Whoever asks meanwhile waits for the next process, or is told to come again.
    EXPECT_TRUE(eventually(
        [&] {
          const Answer answer = client.get("/v1/hello?name=Ada");
          EXPECT_TRUE(answer.status == 200 || answer.status == 503) << answer.body;
          EXPECT_EQ(answer.status == 503, answer.headers.contains("retry-after"));
          if (answer.status != 200) return false;
          const pid_t now = process_of(client, "hello");
          return now > 1 && now != before;
        },
        20));
  }
  const Document plugin = plugin_of(client, "hello");
  EXPECT_EQ(json::text(plugin, "state"), "running");
  EXPECT_EQ(integer_of(plugin, "crashes"), 2);
  EXPECT_NE(json::text(plugin, "reason").find("signal 9"), std::string::npos)
      << json::text(plugin, "reason");
  EXPECT_EQ(process_of(client, "coupons"), coupons);
}

TEST(Isolation, ACrashInAWriteIsAnUnknownOutcomeAndThreeOfThemAQuarantine) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  ASSERT_EQ(apply(client, "crashing-handler",
                  manifest_of("crashing-handler", "crashing_handler", "isolated",
                              R"({"crash_window_ms":600000})"))
                .status,
            200);
  for (int i = 0; i < 3; ++i) {
    Answer answer;
    ASSERT_TRUE(eventually(
        [&] {
          answer = client.post("/v1/crashing-handler/run", "");
          return answer.body.find("outcome-unknown") != std::string::npos;
        },
        20))
        << answer.body;
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.headers.contains("retry-after"));
    EXPECT_EQ(client.get("/v1/hello?name=Ada").status, 200);
  }
  ASSERT_TRUE(eventually(
      [&] { return json::text(plugin_of(client, "crashing-handler"), "state") == "quarantined"; },
      20));
  const Document plugin = plugin_of(client, "crashing-handler");
  EXPECT_EQ(integer_of(plugin, "process"), 0);
  EXPECT_EQ(integer_of(plugin, "crashes"), 3);
  EXPECT_EQ(client.post("/v1/crashing-handler/run", "").status, 503);

  const Outcome listed = forecourt("plugins" + at_host(host));
  EXPECT_NE(listed.text.find("quarantined"), std::string::npos) << listed.text;
  const Outcome cleared = forecourt("plugins clear crashing-handler" + at_host(host));
  EXPECT_EQ(cleared.status, 0) << cleared.text;
  EXPECT_EQ(json::text(plugin_of(client, "crashing-handler"), "state"), "running");
  EXPECT_EQ(forecourt("plugins clear hello" + at_host(host)).status, 1);
}

TEST(Isolation, NoAcknowledgedWriteGoesWithItsProcessAndARepeatIsTheSameWrite) {
  HostProcess::Options options = only({"hello", "payments", "membership", "coupons"});
  options.environment["FORECOURT_LOG_LEVEL"] = "off";
  Scene scene(options);
  HttpClient admin = scene.host.client();
  const std::string batch = scene.make_batch(admin, 1'000'000, 1'000'000);
  std::atomic<bool> done{false};
  std::mutex mutex;
  std::map<std::string, std::string> acknowledged;  // Idempotency-Key to answer
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      HttpClient client = scene.host.client();
      for (int n = 0; !done; ++n) {
        const std::string key = std::to_string(i) + "-" + std::to_string(n);
        // The source makes no two of these the same coupon: only the key makes a repeat one.
        const std::string body = R"({"member_id":"mem_1","source_id":"s)" + key + R"("})";
        Answer answer;
        EXPECT_TRUE(eventually(
            [&] {
              answer = client.post("/v1/coupons/batches/" + batch + "/issue", body,
                                   {{"Idempotency-Key", key}});
              return answer.status != 503;
            },
            30));
        EXPECT_EQ(answer.status, 201) << answer.body;
        std::lock_guard lock(mutex);
        acknowledged[key] = answer.body;
      }
    });
  }
  const auto count = [&] {
    std::lock_guard lock(mutex);
    return acknowledged.size();
  };
  for (int kills = 0; kills < 2; ++kills) {
    const size_t before = count();
    EXPECT_TRUE(eventually([&] { return count() >= before + 20; }, 30));
    const pid_t pid = process_of(admin, "coupons");
    ASSERT_GT(pid, 1);  // 0 would be this test's own group
    EXPECT_EQ(::kill(pid, SIGKILL), 0);
    EXPECT_TRUE(eventually([&] { return process_of(admin, "coupons") > 1; }, 30));
  }
  const size_t before = count();
  EXPECT_TRUE(eventually([&] { return count() >= before + 20; }, 30));
  done = true;
  for (std::thread& client : clients) client.join();

  const Document issued = json_of(admin.get("/v1/coupons/batches/" + batch));
  EXPECT_EQ(integer_of(issued, "issued"), static_cast<int64_t>(acknowledged.size()));
  for (const auto& [key, answer] : acknowledged) {
    const std::string body = R"({"member_id":"mem_1","source_id":"s)" + key + R"("})";
    const Answer again =
        admin.post("/v1/coupons/batches/" + batch + "/issue", body, {{"Idempotency-Key", key}});
    ASSERT_EQ(again.body, answer) << key;
  }
}

TEST(Isolation, AnEventThatKillsItsProcessTwiceIsParkedAndThePluginGoesOn) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  std::string manifest = manifest_of("dies-of-events", "dies_of_events", "isolated");
  const std::string grants = R"("grants":{)";
  manifest.insert(manifest.find(grants) + grants.size(),
                  R"("consumes":["dies-of-events.thing.made"],)");
  ASSERT_EQ(apply(client, "dies-of-events", manifest).status, 200);
  // The event may be delivered, and the process gone, before the answer has left.
  const Answer published = client.post("/v1/dies-of-events/run", "");
  EXPECT_TRUE(published.status == 200 ||
              published.body.find("outcome-unknown") != std::string::npos)
      << published.body;
  const auto parked = [&] {
    return client.get("/admin/v1/events/parked?subscriber=dies-of-events").body;
  };
  EXPECT_TRUE(
      eventually([&] { return parked().find(R"("state":"parked")") != std::string::npos; }, 30))
      << parked();
  EXPECT_NE(parked().find("2 crashes"), std::string::npos) << parked();
  const Document plugin = plugin_of(client, "dies-of-events");
  EXPECT_EQ(json::text(plugin, "state"), "running");
  EXPECT_EQ(integer_of(plugin, "crashes"), 2);
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Isolation, WhatAPluginIsDeniedIsInTheAuditLogOnceInEitherMode) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  size_t entries = 0;
  for (const char* mode : {"in-process", "isolated"}) {
    ASSERT_EQ(apply(client, "publishes-undeclared",
                    manifest_of("publishes-undeclared", "publishes_undeclared", mode))
                  .status,
              200);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(client.post("/v1/publishes-undeclared/run", "").status, 403);
    ++entries;
    std::string log;
    EXPECT_TRUE(eventually(
        [&] {
          log = client.get("/admin/v1/audit").body;
          return count(log, "\"plugin.denied\"") == entries;
        },
        20))
        << mode << log;
    EXPECT_EQ(count(log, "publishes-undeclared.thing.made"), entries) << log;
  }
}

TEST(Isolation, ADemandThatNobodyCanMeetIsRefusedBeforeAnythingStops) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  const std::string good = manifest_of("good", "good", "isolated");
  ASSERT_EQ(apply(client, "good", good).status, 200);
  const pid_t before = process_of(client, "good");
  const auto demanding = [](std::string manifest, const std::string& layer) {
    return manifest.insert(1, R"("sandbox_minimum":[")" + layer + R"("],)");
  };
  const Answer unknown = apply(client, "good", demanding(good, "moat"));
  EXPECT_EQ(unknown.status, 409);
  EXPECT_NE(unknown.body.find("there is no sandbox layer \\\"moat\\\""), std::string::npos)
      << unknown.body;
  const Answer open =
      apply(client, "good", demanding(manifest_of("good", "good", "in-process"), "seccomp"));
  EXPECT_EQ(open.status, 409);
  EXPECT_NE(open.body.find("there is no sandbox in process"), std::string::npos) << open.body;
  EXPECT_EQ(process_of(client, "good"), before);
  EXPECT_EQ(apply(client, "good", demanding(good, "seccomp")).status, 200);
}

TEST(Isolation, AHandlerThatDoesNotReturnEndsItsProcess) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  ASSERT_EQ(
      apply(client, "never-returns",
            manifest_of("never-returns", "never_returns", "isolated", R"({"timeout_ms":200})"))
          .status,
      200);
  const pid_t before = process_of(client, "never-returns");
  EXPECT_EQ(client.post("/v1/never-returns/run", "").status, 503);
  EXPECT_TRUE(eventually([&] { return !lives(before); }, 30));
  // Its end is seen by others before the host has noted it.
  std::string reason;
  EXPECT_TRUE(eventually(
      [&] {
        const Document plugin = plugin_of(client, "never-returns");
        reason = json::text(plugin, "reason");
        return !reason.empty() && json::text(plugin, "state") == "running";
      },
      20));
  EXPECT_NE(reason.find("does not return"), std::string::npos) << reason;
}

TEST(Isolation, ThePluginTheHostDoesNotKnowHowToStartFailsWithItsReason) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  for (const char* name :
       {"crashing-open", "failing-open", "crashing-initialiser", "exiting-open"}) {
    std::string bundle = name;
    std::replace(bundle.begin(), bundle.end(), '-', '_');
    const Answer refused = apply(client, name, manifest_of(name, bundle, "isolated"));
    EXPECT_EQ(refused.status, 409) << name << " " << refused.body;
    EXPECT_EQ(json::text(plugin_of(client, name), "state"), "failed") << name;
  }
  EXPECT_EQ(client.get("/v1/hello?name=Ada").status, 200);
}

TEST(Isolation, TheModeOfARunningPluginChangesWithoutAFailedRequest) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient admin = host.client();
  ASSERT_EQ(apply(admin, "good", manifest_of("good", "good", "in-process")).status, 200);
  std::atomic<bool> done{false};
  std::atomic<int> served{0};
  std::atomic<int> failed{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      HttpClient client = host.client();
      while (!done) ++(client.post("/v1/good/run", "").status == 200 ? served : failed);
    });
  }
  const auto serves_on = [&](int more) {
    const int until = served + more;
    return eventually([&] { return served >= until; }, 30);
  };
  EXPECT_TRUE(serves_on(50));
  EXPECT_EQ(apply(admin, "good", manifest_of("good", "good", "isolated")).status, 200);
  EXPECT_TRUE(serves_on(50));
  // Another version of it, and the data stays.
  EXPECT_EQ(apply(admin, "good", manifest_of("good", "good_2", "isolated")).status, 200);
  EXPECT_TRUE(serves_on(50));
  done = true;
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(admin.post("/v1/good/run", "").body, "two");

  // And back, another version again.
  EXPECT_EQ(apply(admin, "good", manifest_of("good", "good", "in-process")).status, 200);
  EXPECT_EQ(admin.post("/v1/good/run", "").body, "one");
}

}  // namespace
}  // namespace e2e
