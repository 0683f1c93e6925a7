// A host that is root gives each isolated plugin a user of its own.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
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

constexpr uid_t k_nobody = 65534;

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

HostProcess::Options only(std::vector<std::string> plugins, const std::string& mode = "isolated") {
  HostProcess::Options options;
  options.plugins = std::move(plugins);
  options.mode = mode;
  return options;
}

pid_t process_of(HttpClient& client, const std::string& id) {
  return static_cast<pid_t>(integer_of(json_of(client.get("/admin/v1/plugins/" + id)), "process"));
}

/// Real, effective, saved and file system user in the kernel's words: "60712 60712 60712 60712".
std::string users_of(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  const size_t at = status.find("\nUid:\t");
  if (at == std::string::npos) return {};
  std::istringstream words(status.substr(at + 6, status.find('\n', at + 1) - at - 6));
  std::string all;
  for (std::string word; words >> word;) all += (all.empty() ? "" : " ") + word;
  return all;
}

uid_t user_of(HttpClient& client, const std::string& id) {
  return static_cast<uid_t>(std::atol(users_of(process_of(client, id)).c_str()));
}

uid_t owner(const fs::path& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_uid : static_cast<uid_t>(-1);
}

/// {"in_force":…,"detail":…} of the layer `uid`, as "true user 60712, group 60712".
std::string layer(HttpClient& client, const std::string& id) {
  const Document plugin = json_of(client.get("/admin/v1/plugins/" + id));
  const json::Value* layers = json::find(plugin, "sandbox");
  if (!layers || !layers->IsArray()) return {};
  for (const json::Value& one : layers->GetArray()) {
    if (json::text(one, "name") != "uid") continue;
    const json::Value* in_force = json::find(one, "in_force");
    return std::string(in_force && in_force->IsTrue() ? "true " : "false ") +
           std::string(json::text(one, "detail"));
  }
  return {};
}

std::string at_host(const HostProcess& host) {
  return " --host http://127.0.0.1:" + std::to_string(host.port()) + " --key " + k_admin_key + " ";
}

std::string demanding(const std::string& layer) {
  return R"({"manifest":1,"plugin":"good","path":")" + build_folder() +
         R"(/fixtures/good","mode":"isolated","sandbox_minimum":[")" + layer +
         R"("],"grants":{"services":["fc.http/1","fc.sql/1","fc.events/1","fc.config/1"]}})";
}

/// Whether anybody may reach what was built.
bool others_may_pass(fs::path path) {
  for (; path.has_relative_path(); path = path.parent_path()) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0 || (found.st_mode & 1) == 0) return false;
  }
  return true;
}

class IsolationUsers : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root has users to give";
  }
};

TEST(IsolationUser, WithoutRootADemandForItIsRefusedAndSaysWhatToDo) {
  HostProcess::Options options = only({"hello"});
  if (::geteuid() == 0) {
    if (!others_may_pass(build_folder()))
      GTEST_SKIP() << "nobody else may reach " << build_folder();
    options.user = k_nobody;
  }
  HostProcess host(options);
  host.start();
  HttpClient client = host.client();
  EXPECT_EQ(layer(client, "hello"), "false started as user " +
                                        std::to_string(::geteuid() == 0 ? k_nobody : ::geteuid()) +
                                        ", not as root");
  const Answer refused = client.put("/admin/v1/plugins/good", demanding("uid"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(
      refused.body.find("the sandbox layer uid is demanded and not in force (started as user"),
      std::string::npos)
      << refused.body;
  EXPECT_NE(refused.body.find("start the host as root"), std::string::npos) << refused.body;
}

TEST_F(IsolationUsers, EachPluginHasItsOwnAndKeepsIt) {
  HostProcess host(only({"hello", "coupons"}));
  ASSERT_EQ(::chmod(host.data().parent_path().c_str(), 0700), 0);  // no user passes through this
  host.start();
  HttpClient client = host.client();
  const uid_t hello = user_of(client, "hello");
  const uid_t coupons = user_of(client, "coupons");
  EXPECT_TRUE(hello >= 60706 && hello <= 61183) << hello;
  EXPECT_TRUE(coupons >= 60706 && coupons <= 61183) << coupons;
  EXPECT_NE(hello, coupons);
  const std::string number = std::to_string(hello);
  EXPECT_EQ(users_of(process_of(client, "hello")),
            number + " " + number + " " + number + " " + number);
  EXPECT_EQ(owner(host.data() / "plugins/hello"), hello);
  EXPECT_EQ(owner(host.data() / "plugins/coupons/store.db"), coupons);
  EXPECT_EQ(layer(client, "hello"), "true user " + number + ", group " + number);
  const Outcome listed = forecourt("plugins" + at_host(host));
  EXPECT_NE(listed.text.find("uid (user " + number), std::string::npos) << listed.text;

  // Another process, another host.
  const pid_t before = process_of(client, "hello");
  ASSERT_GT(before, 1);
  ASSERT_EQ(::kill(before, SIGKILL), 0);
  ASSERT_TRUE(eventually(
      [&] {
        const pid_t now = process_of(client, "hello");
        return now > 1 && now != before && client.get("/v1/hello?name=Ada").status == 200;
      },
      30));
  EXPECT_EQ(user_of(client, "hello"), hello);
  host.kill();
  host.start();
  HttpClient again = host.client();
  EXPECT_EQ(user_of(again, "hello"), hello);
  EXPECT_EQ(user_of(again, "coupons"), coupons);
}

TEST_F(IsolationUsers, ADemandForItIsMet) {
  HostProcess host(only({"hello"}));
  host.start();
  HttpClient client = host.client();
  const Answer applied = client.put("/admin/v1/plugins/good", demanding("uid"));
  EXPECT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(client.post("/v1/good/run", "").status, 200);
}

TEST_F(IsolationUsers, WhatWasWrittenInProcessIsReadAndGoneOnWith) {
  Scene scene(only({"hello", "payments", "membership", "coupons"}, "in-process"));
  HttpClient admin = scene.host.client();
  const fs::path store = scene.host.data() / "plugins/coupons/store.db";
  ASSERT_EQ(owner(store), 0u);
  const std::string before = admin.get("/v1/coupons/batches/" + scene.batch).body;

  std::string manifest = read_file(scene.host.manifests() / "coupons.json");
  const std::string mode = "\"in-process\"";
  ASSERT_NE(manifest.find(mode), std::string::npos) << manifest;
  manifest.replace(manifest.find(mode), mode.size(), "\"isolated\"");
  const Answer applied = admin.put("/admin/v1/plugins/coupons", manifest);
  ASSERT_EQ(applied.status, 200) << applied.body;
  const uid_t user = user_of(admin, "coupons");
  EXPECT_NE(user, 0u);
  EXPECT_EQ(owner(store), user);
  EXPECT_EQ(admin.get("/v1/coupons/batches/" + scene.batch).body, before);
  EXPECT_FALSE(scene.issue(admin, scene.batch, "mem_1", "isolated").empty());

  // As a restore leaves it: root's again.
  EXPECT_EQ(scene.host.terminate(), 0);
  for (const auto& entry : fs::recursive_directory_iterator(store.parent_path()))
    ASSERT_EQ(::lchown(entry.path().c_str(), 0, 0), 0);
  ASSERT_EQ(::lchown(store.parent_path().c_str(), 0, 0), 0);
  scene.host.start();
  HttpClient again = scene.host.client();
  EXPECT_EQ(user_of(again, "coupons"), user);
  EXPECT_FALSE(scene.issue(again, scene.batch, "mem_2", "restored").empty());

  EXPECT_EQ(again.send("DELETE", "/admin/v1/plugins/coupons?purge=true").status / 100, 2);
  EXPECT_FALSE(fs::exists(store.parent_path()));
}

}  // namespace
}  // namespace e2e
