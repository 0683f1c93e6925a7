#include "plugins/community/fixture.hpp"

namespace community::test {
namespace {

class ChatChanges : public CommunityTest {
 protected:
  void create(int64_t time = 1) { accept(ChatEvent{.change_type = "create", .time = time}); }
  void dismiss(int64_t time = 9) { accept(ChatEvent{.change_type = "dismiss", .time = time}); }
  bool stale() { return group()["members_stale"].boolean(); }
};

TEST_F(ChatChanges, ABreakInTheChainMakesMembersStale) {
  create();
  join("abel", "v0", "v1");
  EXPECT_FALSE(stale());
  join("rose", "v2", "v3");
  EXPECT_TRUE(stale()) << "v1 to v2 is missing";
  EXPECT_EQ(present(), (Names{"abel", "rose"}));
  join("jack", "v3", "v4");
  EXPECT_TRUE(stale()) << "until it is resynchronised";
}

TEST_F(ChatChanges, AnUpdateOfAnUnknownGroupMakesItStale) {
  join("abel", "v7", "v8");
  EXPECT_TRUE(stale());
  EXPECT_EQ(group()["state"].text(), "active");
  EXPECT_TRUE(group()["created_at"].is_null());
  EXPECT_EQ(present(), Names{"abel"});
  create();
  EXPECT_TRUE(stale()) << "its creation comes late and tells of no member";
  EXPECT_EQ(group()["created_at"].text(), "1970-01-01T00:00:01.000Z");
}

TEST_F(ChatChanges, AChangeWithoutVersionsBreaksAKnownChain) {
  create();
  join("abel", "", "");
  EXPECT_FALSE(stale());
  join("rose", "v0", "v1");
  join("jack", "", "");
  EXPECT_TRUE(stale());
}

TEST_F(ChatChanges, TheSameEventAgainChangesNothing) {
  create();
  join("abel", "v0", "v1");
  leave("abel", "v1", "v2");
  const std::string before = group().dump();
  join("abel", "v0", "v1");
  leave("abel", "v1", "v2");
  create();
  EXPECT_EQ(group().dump(), before);
  EXPECT_EQ(present(), Names{});
  EXPECT_EQ(count("callbacks"), 3);
}

TEST_F(ChatChanges, AKnownVersionToldInOtherBytesChangesNothing) {
  create();
  join("abel", "v0", "v1");
  accept(xml_of({.update_detail = "add_member",
                 .members = "abel",
                 .last_version = "v0",
                 .current_version = "v1",
                 .time = 2}) +
         "\n");
  EXPECT_FALSE(stale());
  EXPECT_EQ(count("callbacks"), 3);
}

TEST_F(ChatChanges, AKnownVersionWithOtherMembersIsAContradiction) {
  create();
  join("abel", "v0", "v1");
  join("rose", "v0", "v1");
  EXPECT_TRUE(stale());
}

TEST_F(ChatChanges, NothingResurrectsADismissedGroup) {
  create();
  join("abel", "v0", "v1");
  dismiss();
  join("rose", "v1", "v2", 20);
  create(30);
  EXPECT_EQ(group()["state"].text(), "dismissed");
  EXPECT_EQ(group()["member_count"].integer(), 0);
  EXPECT_EQ(present(), Names{});
}

TEST_F(ChatChanges, ADismissalBeforeEverythingElseStands) {
  dismiss();
  create();
  join("abel", "v0", "v1");
  EXPECT_EQ(group()["state"].text(), "dismissed");
  EXPECT_EQ(count("chat_groups"), 1);
  EXPECT_EQ(count("group_members"), 0);
}

TEST_F(ChatChanges, UnknownChangesAreKeptAndChangeNothing) {
  accept(ChatEvent{.change_type = "rename"});
  accept(ChatEvent{.chat_id = "", .change_type = "create"});
  EXPECT_EQ(count("callbacks"), 2);
  EXPECT_EQ(count("chat_groups"), 0);
}

TEST_F(ChatChanges, MembersComeFromTheListWhateverTheCountSays) {
  create();
  accept(ChatEvent{.update_detail = "add_member",
                   .members = "jack,rose",
                   .last_version = "v0",
                   .current_version = "v1",
                   .count = 10});
  EXPECT_EQ(group()["member_count"].integer(), 2);
  EXPECT_EQ(present(), (Names{"jack", "rose"}));
}

TEST_F(ChatChanges, AMemberIsInAGroupOnce) {
  create();
  join("abel,abel", "v0", "v1", 2);
  join("abel", "v1", "v2", 5);
  EXPECT_EQ(group()["member_count"].integer(), 1);
  EXPECT_EQ(items(group_path() + "/members").items().at(0)["joined_at"].text(),
            "1970-01-01T00:00:02.000Z");
}

TEST_F(ChatChanges, MembersJoinLeaveAndJoinAgain) {
  create();
  join("abel,rose", "v0", "v1", 2);
  leave("abel", "v1", "v2", 3);
  EXPECT_EQ(present(), Names{"rose"});
  const Json left = items(group_path() + "/members").items().at(0);
  EXPECT_EQ(left["userid"].text(), "abel");
  EXPECT_EQ(left["joined_at"].text(), "1970-01-01T00:00:02.000Z");
  EXPECT_EQ(left["left_at"].text(), "1970-01-01T00:00:03.000Z");
  EXPECT_EQ(left["join_scene"].integer(), 3);
  EXPECT_EQ(left["quit_scene"].integer(), 1);
  join("abel", "v2", "v3", 4);
  EXPECT_EQ(present(), (Names{"abel", "rose"}));
  EXPECT_EQ(items(group_path() + "/members").items().at(0)["joined_at"].text(),
            "1970-01-01T00:00:04.000Z");
  EXPECT_FALSE(stale());
}

TEST_F(ChatChanges, WithinOneSecondTheChainSaysTheOrder) {
  create(2);
  join("abel", "v0", "v1", 2);
  leave("abel", "v1", "v2", 2);
  join("abel", "v2", "v3", 2);
  leave("abel", "v3", "v4", 2);
  EXPECT_EQ(present(), Names{});
  EXPECT_FALSE(stale());
}

TEST_F(ChatChanges, OutOfOrderTheLaterTimeWins) {
  create();
  join("rose", "v0", "v1", 2);
  leave("abel", "v2", "v3", 4);  // what made v2 has not come yet
  join("abel", "v1", "v2", 3);
  EXPECT_EQ(present(), Names{"rose"});
  EXPECT_TRUE(stale());
  EXPECT_EQ(group()["member_version"].text(), "v3");
}

TEST_F(ChatChanges, AnotherOwnerNameOrNoticeMakesDetailsStale) {
  create();
  const std::string body =
      R"({"group_chat":{"owner":"zhu","member_list":[],"member_version":"v1"}})";
  ASSERT_EQ(host_.call("PUT", group_path() + "/members", body).status, 200);
  EXPECT_FALSE(group()["details_stale"].boolean());
  accept(ChatEvent{.update_detail = "change_owner", .time = 5});
  EXPECT_TRUE(group()["details_stale"].boolean());
  EXPECT_FALSE(stale());
}

TEST_F(ChatChanges, ReadTheSuiteSamples) {
  accept(test_data("wecom/events/ChangeExternalChatEvent.Create.xml"));
  accept(test_data("wecom/events/ChangeExternalChatEvent.Update.xml"));
  EXPECT_EQ(present(), (Names{"Jack", "Rose"}));
  EXPECT_EQ(group()["chat_id"].text(), "CHAT_ID");
  EXPECT_EQ(group()["org"].text(), "store-12");
  EXPECT_FALSE(stale());
  accept(test_data("wecom/events/ChangeExternalChatEvent.Dismiss.xml"));
  EXPECT_EQ(group()["state"].text(), "dismissed");
}

}  // namespace
}  // namespace community::test
