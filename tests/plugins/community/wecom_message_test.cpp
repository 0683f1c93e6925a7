#include "wecom_message.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "plugins/community/wecom.hpp"

namespace community::wecom {
namespace {

TEST(WecomEnvelope, RefusesWhatHasNoEncrypt) {
  for (const char* body :
       {"", "text", "{}", "<xml>", "<xml></xml>", "<xml><Encrypt></Encrypt></xml>",
        "<xml><encrypt>a</encrypt></xml>", "<a/><b/>"}) {
    EXPECT_FALSE(read_envelope(body)) << body;
  }
}

TEST(WecomEnvelope, ReadsNoEntityOfItsOwnAndNoFile) {
  const auto read = read_envelope(
      R"(<!DOCTYPE xml [<!ENTITY e "AAAA"><!ENTITY f SYSTEM "file:///etc/passwd">]><xml><Encrypt>&e;&f;</Encrypt></xml>)");
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, "&e;&f;");
}

TEST(WecomEnvelope, SurvivesDeepNesting) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "<a>";
  EXPECT_FALSE(read_envelope(deep));
  for (int i = 0; i < 100'000; ++i) deep += "</a>";
  EXPECT_FALSE(read_envelope(deep));
}

TEST(WecomEnvelope, ReadsTheEncryptedText) {
  EXPECT_EQ(read_envelope(test::envelope("AbC+/=")), "AbC+/=");
  EXPECT_EQ(read_envelope("<xml>\n <Encrypt>\n<![CDATA[AbC]]>\n</Encrypt></xml>"), "AbC");
}

TEST(WecomMessage, ThatIsNoXmlIsEmpty) {
  for (const char* text : {"", "text", "<xml>", "{\"Event\":\"change_external_chat\"}"}) {
    const Message read = read_message(text);
    EXPECT_EQ(read.kind, "") << text;
    EXPECT_EQ(read.chat_id, "") << text;
  }
}

TEST(WecomMessage, DropsWhatIsNoUsableText) {
  EXPECT_EQ(read_message("<xml><ChatId>" + std::string(129, 'c') + "</ChatId></xml>").chat_id, "");
  EXPECT_EQ(read_message("<xml><ChatId>a\xff</ChatId></xml>").chat_id, "");
  EXPECT_EQ(read_message("<xml><ChatId>a&#1;</ChatId></xml>").chat_id, "");
  EXPECT_FALSE(read_message("<xml><TimeStamp>99999999999999999</TimeStamp></xml>").time_ms);
  EXPECT_FALSE(read_message("<xml><TimeStamp>soon</TimeStamp></xml>").time_ms);
}

TEST(WecomMessage, ReadsTheSuiteShapeBehindAByteOrderMark) {
  const std::string text = test::test_data("wecom/events/ChangeExternalChatEvent.Create.xml");
  ASSERT_TRUE(text.starts_with("\xEF\xBB\xBF"));
  const Message read = read_message(text);
  EXPECT_EQ(read.kind, "change_external_chat");
  EXPECT_EQ(read.change_type, "create");
  EXPECT_EQ(read.chat_id, "CHAT_ID");
  EXPECT_EQ(read.auth_corp_id, "wxf8b4f85f3a794e77");
  EXPECT_EQ(read.time_ms, 1'403'610'513'000);
}

TEST(WecomMessage, TrustsTheListAndNotTheCount) {
  const std::string text = test::test_data("wecom/events/ChangeExternalChatEvent.Update.xml");
  ASSERT_NE(text.find("<MemChangeCnt>10</MemChangeCnt>"), std::string::npos);
  const Message read = read_message(text);
  EXPECT_EQ(read.update_detail, "add_member");
  EXPECT_EQ(read.members, (std::vector<std::string>{"Jack", "Rose"}));
  EXPECT_EQ(read.join_scene, 1);
  EXPECT_EQ(read.quit_scene, 0);
  EXPECT_EQ(read.last_version, "9c3f97c2ada667dfb5f6d03308d963e1");
  EXPECT_EQ(read.current_version, "71217227bbd112ecfe3a49c482195cb4");
}

TEST(WecomMessage, ReadsTheSelfBuiltShape) {
  const Message read = read_message(test::xml_of({.change_type = "update",
                                                  .update_detail = "del_member",
                                                  .members = "a,b",
                                                  .last_version = "v1",
                                                  .current_version = "v2",
                                                  .time = 1'700'000'000}));
  EXPECT_EQ(read.kind, "change_external_chat");
  EXPECT_EQ(read.update_detail, "del_member");
  EXPECT_EQ(read.members, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read.time_ms, 1'700'000'000'000);
  EXPECT_EQ(read.current_version, "v2");
}

TEST(WecomMessage, ReadsTheKindOfEveryEvent) {
  for (const char* name : {"AddExternalContact", "AddHalfExternalContact", "DeleteFollowUser",
                           "DeleteHalfExternalContact", "EditExternalContact",
                           "MessageAuditApproved", "TransferFail"}) {
    const std::string file =
        "wecom/events/ChangeExternalContactEvent." + std::string(name) + ".xml";
    EXPECT_EQ(read_message(test::test_data(file)).kind, "change_external_contact") << name;
  }
  for (const char* name : {"Create", "Update", "Delete", "Shuffle"}) {
    const std::string file = "wecom/events/ChangeExternalTagEvent." + std::string(name) + ".xml";
    EXPECT_EQ(read_message(test::test_data(file)).kind, "change_external_tag") << name;
  }
}

}  // namespace
}  // namespace community::wecom
