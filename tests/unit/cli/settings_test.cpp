#include "cli/settings.hpp"

#include <gtest/gtest.h>

#include "unit/app/temp_folder.hpp"

namespace forecourt::cli {
namespace {

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    sources_.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
  }
  Settings read() {
    auto settings = read_settings(sources_);
    EXPECT_TRUE(settings.ok()) << (settings ? "" : settings.error().message);
    return settings ? *settings : Settings{};
  }
  std::string refusal() {
    const auto settings = read_settings(sources_);
    return settings ? "" : settings.error().message;
  }
  void file(const std::string& text) {
    folder_.write("forecourt.json", text);
    sources_.file = folder_ / "forecourt.json";
  }

  TempFolder folder_;
  std::map<std::string, std::string> environment_;
  Sources sources_;
};

TEST_F(SettingsTest, ABadValueNamesTheSettingItsSourceAndWhatIsAllowed) {
  environment_["FORECOURT_LISTEN"] = "8080";
  EXPECT_EQ(refusal(),
            "FORECOURT_LISTEN (environment): \"8080\": must be <address>:<port>, such as "
            "127.0.0.1:8080 or [::1]:8080");
  environment_.clear();
  sources_.flags["workers"] = "many";
  EXPECT_EQ(refusal(), "--workers (flag): \"many\": must be a number from 0 to 1024");
  sources_.flags.clear();
  file("{\"log-level\": \"loud\"}");
  EXPECT_EQ(refusal(),
            sources_.file + ": log-level: \"loud\": must be debug, info, warn, error or off");
}

TEST_F(SettingsTest, RefusesAddressesThatAreNone) {
  for (const char* text : {":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                           "::1:8080", "127.0.0.1:80x", "[]:8080"}) {
    sources_.flags["listen"] = text;
    EXPECT_NE(refusal(), "") << text;
  }
}

TEST_F(SettingsTest, UsersForPluginsAreARangeWithoutRoot) {
  for (const char* text : {"60706", "0-5", "9-8", "-", "1-", "-5", "1-2-3", "1-4294967294"}) {
    sources_.flags["isolation-uids"] = text;
    EXPECT_NE(refusal().find("must be two numbers, such as 60706-61183"), std::string::npos)
        << text << refusal();
  }
  sources_.flags["isolation-uids"] = "70000-70000";
  EXPECT_EQ(read().isolation_uid_first, 70000u);
  EXPECT_EQ(read().isolation_uid_last, 70000u);
  sources_.flags.clear();
  EXPECT_EQ(read().isolation_uid_first, 60706u);
  EXPECT_EQ(read().isolation_uid_last, 61183u);
}

TEST_F(SettingsTest, ACertificateAndItsKeyComeTogether) {
  sources_.flags["tls-certificate"] = "/etc/forecourt/tls.pem";
  EXPECT_NE(refusal().find("give both or neither"), std::string::npos);
  sources_.flags["tls-key"] = "/etc/forecourt/tls.key";
  EXPECT_EQ(refusal(), "");
  sources_.flags.erase("tls-certificate");
  EXPECT_NE(refusal(), "");
}

TEST_F(SettingsTest, TheSecretsKeyIsNeverRepeated) {
  const std::string wrong = std::string(63, 'a') + "z";
  environment_["FORECOURT_SECRETS_KEY"] = wrong;
  EXPECT_NE(refusal().find("FORECOURT_SECRETS_KEY (environment): key 1: must be 32 bytes"),
            std::string::npos)
      << refusal();
  EXPECT_EQ(refusal().find("aaaa"), std::string::npos) << refusal();
  environment_["FORECOURT_SECRETS_KEY"] = std::string(64, 'a');
  EXPECT_EQ(refusal(), "");
  sources_.flags["secrets-key-file"] = "/etc/forecourt/secrets.key";
  EXPECT_NE(refusal().find("give one of them"), std::string::npos) << refusal();
}

TEST_F(SettingsTest, RefusesProxiesThatAreNoAddresses) {
  environment_["FORECOURT_TRUSTED_PROXIES"] = "10.0.0.0/8, proxy.example";
  EXPECT_NE(refusal().find("\"proxy.example\" is no address"), std::string::npos) << refusal();
  environment_["FORECOURT_TRUSTED_PROXIES"] = "10.0.0.0/8, ::1";
  EXPECT_EQ(refusal(), "");
}

TEST_F(SettingsTest, NamesAnUnknownMemberOfTheFile) {
  file("{\"listn\": \"127.0.0.1:1\"}");
  EXPECT_NE(refusal().find("listn: is no setting"), std::string::npos) << refusal();
}

TEST_F(SettingsTest, NamesAFileThatIsMissingOrTorn) {
  sources_.file = folder_ / "absent.json";
  EXPECT_NE(refusal().find("absent.json"), std::string::npos);
  file("{\"listen\": ");
  EXPECT_NE(refusal().find("forecourt.json: line 1"), std::string::npos) << refusal();
}

TEST_F(SettingsTest, DefaultsStandWhenNobodySaysOtherwise) {
  const Settings settings = read();
  EXPECT_EQ(settings.listen_address, "127.0.0.1");
  EXPECT_EQ(settings.listen_port, 8080);
  EXPECT_EQ(settings.data, "./var");
  EXPECT_EQ(settings.manifests, "./manifests");
  EXPECT_EQ(settings.admin_key, "");
  EXPECT_TRUE(settings.access_log);
}

TEST_F(SettingsTest, TheFileWinsOverDefaultsTheEnvironmentOverTheFileAFlagOverAll) {
  file(
      "{\"listen\": \"127.0.0.1:1\", \"data\": \"from-file\", \"manifests\": \"from-file\", "
      "\"workers\": 3}");
  environment_["FORECOURT_DATA"] = "from-environment";
  environment_["FORECOURT_MANIFESTS"] = "from-environment";
  sources_.flags["manifests"] = "from-flag";
  const Settings settings = read();
  EXPECT_EQ(settings.listen_port, 1);
  EXPECT_EQ(settings.data, "from-environment");
  EXPECT_EQ(settings.manifests, "from-flag");
  EXPECT_EQ(settings.workers, 3u);
}

TEST_F(SettingsTest, AnEmptyVariableIsLikeNone) {
  environment_["FORECOURT_DATA"] = "";
  EXPECT_EQ(read().data, "./var");
}

TEST_F(SettingsTest, TakesAnIpv6Address) {
  sources_.flags["listen"] = "[::1]:0";
  const Settings settings = read();
  EXPECT_EQ(settings.listen_address, "::1");
  EXPECT_EQ(settings.listen_port, 0);
}

TEST(SettingsTable, DescribesEverySetting) {
  const std::string text = describe_settings(false);
  const std::string markdown = describe_settings(true);
  for (const Setting& setting : settings_table()) {
    EXPECT_NE(text.find(std::string(setting.env)), std::string::npos);
    EXPECT_NE(markdown.find("`" + std::string(setting.env) + "`"), std::string::npos);
    EXPECT_TRUE(setting.env.starts_with("FORECOURT_")) << setting.env;
  }
}

}  // namespace
}  // namespace forecourt::cli
