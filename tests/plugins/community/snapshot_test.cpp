#include "plugins/community/fixture.hpp"

namespace community::test {
namespace {

class Snapshot : public CommunityTest {
 protected:
  Snapshot() { accept(ChatEvent{.change_type = "create", .time = 1}); }
  Response put(const std::string& body, const CallOptions& who = {}) {
    return host_.call("PUT", group_path() + "/members", body, who);
  }
  static std::string official() {
    return test_data("wecom/api/CgibinExternalContactGroupChatGetResponse.json");
  }
};

TEST_F(Snapshot, OfAFailureIsRefused) {
  EXPECT_EQ(put(R"({"errcode":40001,"errmsg":"invalid credential"})").status, 400);
  EXPECT_EQ(put(R"({"errcode":1,"group_chat":{"member_list":[],"member_version":"v"}})").status,
            400);
  EXPECT_EQ(put("{}").status, 400);
}

TEST_F(Snapshot, OfAnotherGroupIsRefused) {
  EXPECT_EQ(
      put(R"({"group_chat":{"chat_id":"other","member_list":[],"member_version":"v"}})").status,
      400);
}

TEST_F(Snapshot, ByAForeignOrgIsNotFound) {
  EXPECT_EQ(put(official(), {.org = "store-13"}).status, 404);
  EXPECT_EQ(present(), Names{});
}

TEST_F(Snapshot, OfADismissedGroupIsAConflict) {
  accept(ChatEvent{.change_type = "dismiss", .time = 9});
  EXPECT_EQ(put(official()).status, 409);
  EXPECT_EQ(group()["state"].text(), "dismissed");
}

TEST_F(Snapshot, MakesTheGroupWhatWecomSays) {
  join("gone", "v0", "v1");
  join("jack", "v5", "v6");
  ASSERT_TRUE(group()["members_stale"].boolean());
  const Response answer = put(official());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json group = this->group();
  EXPECT_EQ(answer.body, group.dump());
  EXPECT_FALSE(group["members_stale"].boolean());
  EXPECT_FALSE(group["details_stale"].boolean());
  EXPECT_EQ(group["name"].text(), "销售客服群");
  EXPECT_EQ(group["owner"].text(), "ZhuShengBen");
  EXPECT_EQ(group["member_version"].text(), "71217227bbd112ecfe3a49c482195cb4");
  EXPECT_EQ(group["member_count"].integer(), 2);
  EXPECT_EQ(present(), (Names{"abel", "wmOgQhDgAAuXFJGwbve4g4iXknfOAAAA"}));
  const Json members = items(group_path() + "/members");
  ASSERT_EQ(members.items().size(), 4u) << "those who left stay on record";
  EXPECT_EQ(members.items().at(0)["type"].text(), "staff");
  EXPECT_EQ(members.items().at(0)["joined_at"].text(), "2019-10-31T07:04:51.000Z");
  EXPECT_EQ(members.items().at(3)["type"].text(), "external");
}

TEST_F(Snapshot, IsWhereTheChainGoesOn) {
  ASSERT_EQ(put(official()).status, 200);
  join("rose", "71217227bbd112ecfe3a49c482195cb4", "v2");
  EXPECT_FALSE(group()["members_stale"].boolean());
  EXPECT_EQ(group()["member_count"].integer(), 3);
}

TEST_F(Snapshot, HoldsWhatALateEventTellsOfItsVersion) {
  ASSERT_EQ(put(official()).status, 200);
  join("abel", "v0", "71217227bbd112ecfe3a49c482195cb4");
  EXPECT_FALSE(group()["members_stale"].boolean());
  EXPECT_EQ(group()["member_count"].integer(), 2);
}

}  // namespace
}  // namespace community::test
