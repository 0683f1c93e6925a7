#include "sandbox/policy.hpp"

#include <gtest/gtest.h>

#include "sandboxed.hpp"

namespace forecourt::sandbox {
namespace {

class Policies : public testing::Test {
 protected:
  std::string refusal() const {
    const auto checked = boxed_.policy.check();
    return checked ? "" : checked.error().message;
  }
  Sandboxed boxed_;
};

TEST_F(Policies, NeedAnOwnFolderThatIsThere) {
  boxed_.policy.own_folder = "own";
  EXPECT_EQ(refusal(), "sandbox policy: own_folder: \"own\" must be an absolute path");
  boxed_.policy.own_folder = "/";
  EXPECT_EQ(refusal(), "sandbox policy: own_folder: must not be the root of the file system");
  boxed_.policy.own_folder = boxed_.outside("missing");
  EXPECT_EQ(refusal(), "sandbox policy: own_folder: " + boxed_.outside("missing") +
                           " is not a folder that can be reached");
}

TEST_F(Policies, ReadAbsolutePathsOnly) {
  boxed_.policy.read_only.push_back("lib");
  EXPECT_EQ(refusal(), "sandbox policy: read_only: \"lib\" must be an absolute path");
}

TEST_F(Policies, ChangeUserAndGroupTogether) {
  boxed_.policy.uid = 1000;
  boxed_.policy.gid = 0;
  EXPECT_EQ(refusal(), "sandbox policy: uid: a user and a group are needed together, or neither");
}

TEST_F(Policies, CrossTheExecUnchanged) {
  Policy policy = boxed_.policy;
  policy.name = "a \"name\"";
  policy.limits = {UINT64_MAX, 64, 1000, 5000};
  policy.memory_in_cgroup = true;
  const auto back = policy_of(to_json(policy));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json(*back), to_json(policy));
  EXPECT_EQ(back->limits.memory_bytes, UINT64_MAX);
  EXPECT_EQ(back->read_only, policy.read_only);
}

TEST_F(Policies, AreRefusedWhenSomethingIsAmiss) {
  EXPECT_FALSE(policy_of("{"));
  EXPECT_FALSE(policy_of("[]"));
  const auto without = policy_of(R"({"name":"x","own_folder":"/x","read_only":[]})");
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().message, "sandbox policy: uid: must be a number from 0 to 4294967294");
}

TEST_F(Policies, AllowWhatTheLoaderNeeds) {
  const auto paths = system_paths();
  EXPECT_NE(std::find(paths.begin(), paths.end(), "/usr/lib"), paths.end());
  EXPECT_EQ(std::find(paths.begin(), paths.end(), "/etc"), paths.end());
}

}  // namespace
}  // namespace forecourt::sandbox
