// Each misbehaviour that is noticed before any code of the plugin runs in the host, and says what
// to do.
#include <gtest/gtest.h>

#include "plugin/probe.hpp"
#include "site.hpp"

namespace forecourt::plugin::test {
namespace {

struct Refusal {
  const char* fixture;
  const char* says;
};

class Loading : public testing::TestWithParam<Refusal> {};

TEST_P(Loading, IsRefusedAndTheRoutesAnswer503) {
  TempFolder data;
  Site site(data.path);
  const config::Manifest manifest = manifest_for(GetParam().fixture);
  const auto applied = site.registry.apply(manifest, Cause::start);
  ASSERT_FALSE(applied);
  EXPECT_NE(applied.error().message.find(GetParam().says), std::string::npos)
      << applied.error().message;
  const PluginInfo info = site.info(manifest.plugin);
  EXPECT_EQ(info.state, "failed");
  EXPECT_NE(info.reason.find(GetParam().says), std::string::npos) << info.reason;
  EXPECT_EQ(site.call(manifest.plugin).status, 503);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, Loading,
                         testing::Values(Refusal{"no_entry", "does not export fc_plugin_entry_1"},
                                         Refusal{"null_entry", "returned NULL"},
                                         Refusal{"wrong_abi", "built for ABI 99"},
                                         Refusal{"wrong_id", "its id is \"somebody-else\""},
                                         Refusal{"other_handler",
                                                 "no handler for the operation \"run\""},
                                         Refusal{"crashing_initialiser", "died of SIGSEGV"},
                                         Refusal{"throwing_initialiser", "died of SIGABRT"},
                                         Refusal{"unique_symbol", "unique symbol"},
                                         Refusal{"extra_export", "it exports extra_export"},
                                         Refusal{"needs_library", "it needs libz.so.1"},
                                         Refusal{"failing_open", "the moon is not full"}),
                         [](const auto& row) { return std::string(row.param.fixture); });

TEST(LoadingOf, AHangingInitialiserIsGivenUp) {
  TempFolder data;
  const std::vector<std::string> command = {FORECOURT_BINARY_DIR "/tests/unit/plugin/plugin_probe"};
  const auto probed =
      probe_library(command, fixture("hanging_initialiser") + "/hanging-initialiser.so",
                    "hanging-initialiser", "1.0.0", 500);
  ASSERT_FALSE(probed);
  EXPECT_NE(probed.error().message.find("hangs"), std::string::npos) << probed.error().message;
}

TEST(LoadingOf, AManifestThatDoesNotFitIsRefusedWithItsPlace) {
  TempFolder data;
  Site site(data.path);
  const auto refusal = [&](auto change) {
    config::Manifest manifest = manifest_for("good");
    change(manifest);
    auto applied = site.registry.apply(manifest, Cause::admin);
    return applied ? std::string("applied") : applied.error().message;
  };
  EXPECT_EQ(refusal([](auto& m) { m.mode = "isolated"; }),
            "good: manifests/good.json: mode: this host runs no isolated plugins; use "
            "\"in-process\"");
  EXPECT_EQ(
      refusal([](auto& m) { m.grants.services.pop_back(); }),
      "good: manifests/good.json: grants.services: good needs \"fc.config/1\"; add it to grant it");
  EXPECT_EQ(refusal([](auto& m) { m.grants.consumes = {"a.b.c"}; }),
            "good: manifests/good.json: grants.consumes[0]: good does not consume \"a.b.c\"");
  EXPECT_NE(refusal([](auto& m) {
              m.version = *config::VersionRange::parse("^2.0");
            }).find("asks for ^2.0"),
            std::string::npos);
  EXPECT_NE(
      refusal([](auto& m) { m.config = R"({"group":{"limit":"x"}})"; }).find("config.group: limit"),
      std::string::npos);
  EXPECT_NE(refusal([](auto& m) { m.path = "/nowhere"; }).find("/nowhere: no such bundle"),
            std::string::npos);
  site.refused_openapi = "paths: not today";
  EXPECT_NE(refusal([](auto&) {}).find("openapi.json: paths: not today"), std::string::npos);
}

TEST(LoadingOf, AFailedPluginKeepsNobodyElseFromRunning) {
  TempFolder data;
  Site site(data.path);
  EXPECT_FALSE(site.registry.apply(manifest_for("crashing_initialiser"), Cause::start));
  EXPECT_TRUE(site.registry.apply(manifest_for("good"), Cause::start));
  EXPECT_EQ(site.call("good").body, "one");
}

}  // namespace
}  // namespace forecourt::plugin::test
