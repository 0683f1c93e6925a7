#include "plugins/community/fixture.hpp"

namespace community::test {
namespace {

class Groups : public CommunityTest {
 protected:
  std::string create(const std::string& chat_id) {
    host_.clock().advance_ms(10);
    accept(ChatEvent{.chat_id = chat_id, .change_type = "create"});
    return host_.query("SELECT id FROM chat_groups WHERE chat_id = '" + chat_id + "'")
        .at(0)
        .at(0)
        .text();
  }
  Response set_customer(const std::string& group, const Json& member_id,
                        const CallOptions& who = {}) {
    return host_.call("PUT", "/v1/community/groups/" + group + "/customer",
                      Json::object({{"member_id", member_id}}).dump(), who);
  }
  Json member_of(const std::string& group) {
    return host_.call("GET", "/v1/community/groups/" + group).json()["member_id"];
  }
};

TEST_F(Groups, OfOthersAreNotFound) {
  const std::string group = create("chat-1");
  const CallOptions foreign{.org = "store-13"};
  EXPECT_TRUE(items("/v1/community/groups", foreign).items().empty());
  EXPECT_TRUE(items("/v1/community/groups?corp_id=ww1", foreign).items().empty());
  const std::string path = "/v1/community/groups/" + group;
  EXPECT_EQ(host_.call("GET", path, "", foreign).status, 404);
  EXPECT_EQ(host_.call("GET", path + "/members", "", foreign).status, 404);
  EXPECT_EQ(host_.call("GET", path + "/activity", "", foreign).status, 404);
  EXPECT_EQ(set_customer(group, "mem_1", foreign).status, 404);
  EXPECT_TRUE(member_of(group).is_null());
}

TEST_F(Groups, RefuseABadCustomer) {
  const std::string group = create("chat-1");
  EXPECT_EQ(set_customer(group, "").status, 400);
  EXPECT_EQ(set_customer(group, "a b").status, 400);
  EXPECT_EQ(set_customer("grp_unknown", "mem_1").status, 404);
}

TEST_F(Groups, ThatAreDismissedServeNobody) {
  const std::string group = create("chat-1");
  accept(ChatEvent{.chat_id = "chat-1", .change_type = "dismiss"});
  EXPECT_EQ(set_customer(group, "mem_1").status, 409);
}

TEST_F(Groups, ServeOneMemberAndAMemberHasOne) {
  const std::string first = create("chat-1");
  const std::string second = create("chat-2");
  EXPECT_EQ(set_customer(first, "mem_1").json()["member_id"].text(), "mem_1");
  EXPECT_EQ(set_customer(first, "mem_1").status, 200);
  EXPECT_EQ(set_customer(second, "mem_1").status, 200);
  EXPECT_TRUE(member_of(first).is_null());
  EXPECT_EQ(member_of(second).text(), "mem_1");
  EXPECT_EQ(set_customer(second, Json()).status, 200);
  EXPECT_TRUE(member_of(second).is_null());
}

TEST_F(Groups, AreListedInPagesByCorp) {
  for (int i = 0; i < 5; ++i) create("chat-" + std::to_string(i));
  for (const std::string& corp : {std::string("ww1"), corp_}) {
    Names seen;
    std::string cursor;
    for (int page = 0; page < 5; ++page) {
      const Json json = host_
                            .call("GET", "/v1/community/groups?limit=2&corp_id=" + corp + cursor,
                                  "", {.org = "dealer-1"})
                            .json();
      for (const Json& item : json["items"].items()) seen.push_back(item["chat_id"].text());
      if (json["next_cursor"].is_null()) break;
      cursor = "&cursor=" + json["next_cursor"].text();
    }
    EXPECT_EQ(seen, (Names{"chat-0", "chat-1", "chat-2", "chat-3", "chat-4"})) << corp;
  }
  EXPECT_TRUE(items("/v1/community/groups?corp_id=ww2").items().empty());
  EXPECT_EQ(items("/v1/community/groups").items().size(), 5u);
}

TEST_F(Groups, ListTheirMembersInPages) {
  create("chat-1");
  accept(ChatEvent{.chat_id = "chat-1",
                   .update_detail = "add_member",
                   .members = "a,b,c",
                   .last_version = "v0",
                   .current_version = "v1"});
  const std::string path = group_path() + "/members?limit=2";
  const Json first = host_.call("GET", path).json();
  EXPECT_EQ(first["items"].items().size(), 2u);
  const Json rest = items(path + "&cursor=" + first["next_cursor"].text());
  ASSERT_EQ(rest.items().size(), 1u);
  EXPECT_EQ(rest.items().at(0)["userid"].text(), "c");
}

TEST_F(Groups, BelongToTheCorpWhicheverApplicationTellsOfThem) {
  create("chat-1");
  Json body = corp_body();
  body.set("token", "another");
  corp_ = made(register_corp(body)).json()["id"].text();
  const std::string sealed = encrypt(xml_of({.chat_id = "chat-1", .change_type = "create"}), "ww1");
  EXPECT_EQ(post(signed_query(sealed, "another"), envelope(sealed)).status, 200);
  EXPECT_EQ(count("chat_groups"), 1);
  EXPECT_EQ(count("callbacks"), 1);
}

}  // namespace
}  // namespace community::test
