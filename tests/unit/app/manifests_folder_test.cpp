#include <gtest/gtest.h>

#include "gateway/admin/site.hpp"
#include "unit/app/temp_folder.hpp"

namespace forecourt::admin {
namespace {

constexpr const char* k_coupons = R"({"manifest":1,"plugin":"coupons","path":"bundles/coupons"})";

TEST(ManifestsFolder, TellsEachFileThatCannotBeReadAndReadsTheOthers) {
  TempFolder folder;
  folder.write("a.json", "{");
  folder.write("b.json", k_coupons);
  folder.write("c.json", R"({"manifest":1,"plugin":"UPPER","path":"x"})");
  const FolderManifests found = read_manifests(folder.path());
  ASSERT_EQ(found.manifests.size(), 1u);
  EXPECT_EQ(found.manifests[0].plugin, "coupons");
  EXPECT_EQ(found.error_paths, (std::vector<std::string>{folder / "a.json", folder / "c.json"}));
}

TEST(ManifestsFolder, TheSecondFileOfAPluginIsAnError) {
  TempFolder folder;
  folder.write("a.json", k_coupons);
  folder.write("b.json", k_coupons);
  const FolderManifests found = read_manifests(folder.path());
  EXPECT_EQ(found.manifests.size(), 1u);
  ASSERT_EQ(found.errors.size(), 1u);
  EXPECT_NE(found.errors[0].message.find("a.json"), std::string::npos) << found.errors[0].message;
}

TEST(ManifestsFolder, AMissingFolderHoldsNone) {
  TempFolder folder;
  const FolderManifests found = read_manifests(folder / "absent");
  EXPECT_TRUE(found.manifests.empty());
  EXPECT_TRUE(found.errors.empty());
}

TEST(ManifestsFolder, OtherFilesAndFoldersAreLeftAlone) {
  TempFolder folder;
  folder.write("README.md", "notes");
  folder.write("schema/manifest.json", "{}");
  EXPECT_TRUE(read_manifests(folder.path()).errors.empty());
}

TEST(ManifestsFolder, KnowsItsOwnManifestAgainHoweverItIsWritten) {
  TempFolder folder;
  folder.write("coupons.json", k_coupons);
  auto same = config::parse_manifest(
      "{\"path\": \"bundles/coupons\",\n \"plugin\": \"coupons\", \"manifest\": 1}", "t");
  auto other =
      config::parse_manifest(R"({"manifest":1,"plugin":"coupons","path":"elsewhere"})", "t");
  ASSERT_TRUE(same.ok() && other.ok());
  EXPECT_TRUE(is_in_folder(folder.path(), *same));
  EXPECT_FALSE(is_in_folder(folder.path(), *other));
}

TEST(ManifestSettings, OrgsOwnSettingsReplaceTheManifestsOfThatOrgAlone) {
  auto manifest = config::parse_manifest(
      R"({"manifest":1,"plugin":"coupons","path":"x","config":{"group":{"a":1,"b":2},"store-1":{"a":3}}})",
      "t");
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  const auto merged = with_settings(*manifest, {{"coupons", "group", R"({"a":9})"},
                                                {"payments", "store-1", R"({"a":7})"},
                                                {"coupons", "new", "{}"}});
  ASSERT_TRUE(merged.ok());
  const auto config = json::parse(merged->config);
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(json::to_text(*json::find(*config, "group")), R"({"a":9})");
  EXPECT_EQ(json::to_text(*json::find(*config, "store-1")), R"({"a":3})");
  EXPECT_EQ(json::to_text(*json::find(*config, "new")), "{}");
}

}  // namespace
}  // namespace forecourt::admin
