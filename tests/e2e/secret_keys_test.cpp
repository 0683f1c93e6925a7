// The keys that seal secrets are rotated and moved; what was sealed before goes on opening.

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

std::string hex(const std::string& bytes) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += k_digits[static_cast<unsigned char>(c) >> 4];
    text += k_digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

class SecretKeys : public testing::Test {
 protected:
  static HostProcess::Options options() {
    HostProcess::Options options;
    options.environment["FORECOURT_WEBHOOKS_REACH"] = "loopback";
    return options;
  }
  void SetUp() override {
    ASSERT_NE(scene_.host.port(), 0);
    const Answer hooked = scene_.host.client().post(
        "/admin/v1/webhooks", R"({"org":"group","url":")" + receiver_.url() +
                                  R"(","types":["payments.payment.verified"]})");
    ASSERT_EQ(hooked.status, 201) << hooked.body;
  }
  Outcome secrets(const std::string& verb, const std::string& environment = {}) {
    return shell(environment + " " FORECOURT_BINARY_DIR "/forecourt secrets " + verb + " --data " +
                 scene_.host.data().string());
  }
  /// Starts a host that must not start; what it says.
  std::string refusal(const std::string& environment) {
    const Outcome refused =
        shell(environment +
              " FORECOURT_LISTEN=127.0.0.1:0 timeout 60 " FORECOURT_BINARY_DIR
              "/forecourt serve --data " +
              scene_.host.data().string() + " --manifests " + scene_.host.manifests().string());
    EXPECT_EQ(refused.status, 1) << refused.text;
    return refused.text;
  }
  std::string key_file() const {
    std::ostringstream text;
    text << std::ifstream(scene_.host.data() / "secrets.key", std::ios::binary).rdbuf();
    return text.str();
  }
  /// The callback is opened with the merchant's key, which a plugin sealed; a webhook tells of it,
  /// signed with a secret that the host sealed.
  void expect_all_opens(const std::string& order) {
    HttpClient channel = scene_.host.client("");
    const auto paid =
        scene_.wechat.payment("EV-" + order, {"49" + order, "order-" + order, "openid-k", 900});
    const Answer taken = channel.post(scene_.notify_path(), paid.body, paid.headers);
    EXPECT_EQ(taken.status / 100, 2) << taken.body;
    ++paid_;
    EXPECT_TRUE(receiver_.wait_for(paid_)) << order;
  }

  forecourt::test::HttpReceiver receiver_;
  Scene scene_{options()};
  size_t paid_ = 0;
};

TEST_F(SecretKeys, OpenWhatWasSealedBeforeTheyWereRotated) {
  expect_all_opens("1");
  const Outcome too_early = secrets("rotate");
  EXPECT_EQ(too_early.status, 1);
  EXPECT_NE(too_early.text.find("stop it first"), std::string::npos) << too_early.text;
  EXPECT_NE(secrets("list").text.find("a host works on this data"), std::string::npos);
  ASSERT_EQ(scene_.host.terminate(), 0);
  for (int times = 0; times < 2; ++times) {
    const Outcome rotated = secrets("rotate");
    ASSERT_EQ(rotated.status, 0) << rotated.text;
  }
  const std::string keys = key_file();
  ASSERT_EQ(keys.size(), 96u);
  const Outcome listed = secrets("list");
  ASSERT_EQ(listed.status, 0) << listed.text;
  EXPECT_NE(listed.text.find("0 days      seals and opens"), std::string::npos) << listed.text;
  EXPECT_EQ(std::ranges::count(listed.text, '\n'), 4) << listed.text;
  for (size_t at = 0; at < keys.size(); at += 32)
    EXPECT_EQ(listed.text.find(hex(keys.substr(at, 32))), std::string::npos);

  scene_.host.start();
  EXPECT_NE(scene_.host.output().find("sealed anew"), std::string::npos);
  expect_all_opens("2");
  const std::string actions = scene_.host.client().get("/admin/v1/audit?limit=100").body;
  EXPECT_NE(actions.find("secrets-key.rotate"), std::string::npos) << actions;

  // The oldest sealed the merchant's key still: without it the host does not start.
  ASSERT_EQ(scene_.host.terminate(), 0);
  std::ofstream(scene_.host.data() / "secrets.key", std::ios::binary) << keys.substr(0, 64);
  const std::string missing = refusal("");
  EXPECT_NE(missing.find("forecourt secrets drop "), std::string::npos) << missing;
}

TEST_F(SecretKeys, MoveFromTheDataFolderIntoTheEnvironment) {
  ASSERT_EQ(scene_.host.terminate(), 0);
  const std::string sealing = hex(key_file());
  const std::string fresh(64, 'a');
  EXPECT_NE(refusal("FORECOURT_SECRETS_KEY=" + fresh.substr(2)).find("32 bytes"),
            std::string::npos);
  EXPECT_NE(refusal("FORECOURT_SECRETS_KEY=" + fresh).find("secrets.key: holds key"),
            std::string::npos);
  EXPECT_NE(refusal("FORECOURT_SECRETS_KEY=" + fresh + " FORECOURT_SECRETS_KEY_FILE=x")
                .find("give one of them"),
            std::string::npos);
  fs::remove(scene_.host.data() / "secrets.key");
  EXPECT_NE(refusal("FORECOURT_SECRETS_KEY=" + fresh).find("is not among those given"),
            std::string::npos);
  EXPECT_NE(refusal("").find("secrets.key: is missing"), std::string::npos);

  const std::string both = fresh + "," + sealing;
  scene_.host.set_environment("FORECOURT_SECRETS_KEY", both);
  scene_.host.start();
  expect_all_opens("3");
  EXPECT_FALSE(fs::exists(scene_.host.data() / "secrets.key"));
  const fs::path target = scene_.host.data().parent_path() / "backup";
  const Outcome backup = forecourt("backup " + target.string() + " --with-secrets-key --key " +
                                   k_admin_key + " --data " + scene_.host.data().string());
  EXPECT_EQ(backup.status, 1);
  EXPECT_NE(backup.text.find("given by FORECOURT_SECRETS_KEY"), std::string::npos) << backup.text;
  EXPECT_FALSE(fs::exists(target));

  ASSERT_EQ(scene_.host.terminate(), 0);
  EXPECT_EQ(scene_.host.output().find(sealing), std::string::npos);
  EXPECT_EQ(scene_.host.output().find(fresh), std::string::npos);
  const Outcome rotate = secrets("rotate", "FORECOURT_SECRETS_KEY=" + both);
  EXPECT_EQ(rotate.status, 1);
  EXPECT_NE(rotate.text.find("in front of the others"), std::string::npos) << rotate.text;
  EXPECT_EQ(secrets("drop 12345678", "FORECOURT_SECRETS_KEY=" + both).status, 1);
  const Outcome doctor = forecourt("doctor --data " + scene_.host.data().string() +
                                   " --manifests " + scene_.host.manifests().string());
  EXPECT_EQ(doctor.status, 0) << doctor.text;
}

}  // namespace
}  // namespace e2e
