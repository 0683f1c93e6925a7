#include "sandbox/report.hpp"

#include <gtest/gtest.h>

namespace forecourt::sandbox {
namespace {

Report example() {
  Report report;
  report.add("landlock", false, "landlock_create_ruleset: Operation not supported");
  report.add("seccomp", true, "152 calls allowed");
  return report;
}

TEST(Reports, MissingALayerNameItTheReasonAndTheRemedy) {
  EXPECT_EQ(missing({"seccomp", "landlock"}, example()),
            "the sandbox layer landlock is demanded and not in force (landlock_create_ruleset: "
            "Operation not "
            "supported): use a kernel of 5.13 or later with landlock in its lsm= list");
}

TEST(Reports, ALayerThatNothingTriedIsMissing) {
  const auto text = missing({"cgroup-memory"}, example());
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("cgroup-memory is demanded and not in force (nothing tried it)"),
            std::string::npos);
  EXPECT_NE(text->find("Delegate=yes"), std::string::npos);
}

TEST(Reports, ADemandForWhatDoesNotExistIsNeverMet) {
  EXPECT_TRUE(missing({"magic"}, example()));
  const auto checked = check_demand({"seccomp", "magic"});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message.substr(0, 64),
            "there is no sandbox layer \"magic\"; there are cgroup-memory, cgro");
}

TEST(Reports, NothingIsMissingWhenAllThatIsDemandedIsInForce) {
  EXPECT_EQ(missing({"seccomp"}, example()), std::nullopt);
  EXPECT_EQ(missing({}, example()), std::nullopt);
}

TEST(Reports, CrossTheWireUnchanged) {
  const auto back = report_of(to_json(example()));
  ASSERT_TRUE(back);
  EXPECT_EQ(to_json(*back), to_json(example()));
}

TEST(Reports, FromTheWireAreNotTrusted) {
  EXPECT_FALSE(report_of("{}"));
  EXPECT_FALSE(report_of("[1]"));
  EXPECT_FALSE(report_of(R"([{"name":"magic","in_force":true,"detail":""}])"));
  EXPECT_FALSE(report_of(R"([{"name":"seccomp","in_force":1,"detail":""}])"));
  EXPECT_FALSE(report_of(
      R"([{"name":"seccomp","in_force":true,"detail":""},{"name":"seccomp","in_force":true,"detail":""}])"));
}

}  // namespace
}  // namespace forecourt::sandbox
