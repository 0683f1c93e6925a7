#include "plugins/community/fixture.hpp"

namespace community::test {
namespace {

class Corps : public CommunityTest {};

TEST_F(Corps, OfAnotherOrgAreRefused) {
  EXPECT_EQ(register_corp(corp_body(), {.org = "store-13"}).status, 403);
  Json unknown = corp_body();
  unknown.set("org", "no-such-org");
  EXPECT_EQ(register_corp(unknown).status, 403);
  EXPECT_EQ(count("corps"), 1);
}

TEST_F(Corps, NeedTheManageScope) {
  EXPECT_EQ(register_corp(corp_body(), {.scopes = {"community:write"}}).status, 403);
}

TEST_F(Corps, WithBadKeysAreRefused) {
  for (const std::string& key :
       {std::string(42, 'a'), std::string(44, 'a'), std::string(42, 'a') + "-"}) {
    Json body = corp_body();
    body.set("encoding_aes_key", key);
    EXPECT_EQ(register_corp(body).status, 400) << key;
  }
}

TEST_F(Corps, TwiceAreOneAndWithAnotherTokenAnotherUrl) {
  EXPECT_EQ(made(register_corp(corp_body())).json()["id"].text(), corp_);
  Json second_application = corp_body();
  second_application.set("token", "another");
  EXPECT_NE(made(register_corp(second_application)).json()["id"].text(), corp_);
  EXPECT_EQ(count("corps"), 2);
}

TEST_F(Corps, NeverShowTheirSecrets) {
  const Response listed = host_.call("GET", "/v1/community/corps");
  EXPECT_EQ(listed.json()["items"].items().at(0)["corp_id"].text(), "ww1");
  EXPECT_EQ(listed.body.find(std::string(k_token)), std::string::npos);
  EXPECT_EQ(listed.body.find(std::string(k_aes_key)), std::string::npos);
}

TEST_F(Corps, OfOthersAreNotFound) {
  const CallOptions foreign{.org = "store-13"};
  EXPECT_TRUE(items("/v1/community/corps", foreign).items().empty());
  const std::string secrets =
      Json::object({{"token", "new"}, {"encoding_aes_key", k_aes_key}}).dump();
  EXPECT_EQ(host_.call("PUT", "/v1/community/corps/" + corp_ + "/secrets", secrets, foreign).status,
            404);
  accept(ChatEvent{.change_type = "create"});
}

TEST_F(Corps, TakeANewTokenAndKey) {
  const std::string secrets =
      Json::object({{"token", "new"}, {"encoding_aes_key", k_aes_key}}).dump();
  ASSERT_EQ(host_.call("PUT", "/v1/community/corps/" + corp_ + "/secrets", secrets).status, 200);
  EXPECT_EQ(send(xml_of({.change_type = "create"})).status, 403);
  const std::string sealed = encrypt(xml_of({.change_type = "create"}), "ww1");
  EXPECT_EQ(post(signed_query(sealed, "new"), envelope(sealed)).status, 200);
}

}  // namespace
}  // namespace community::test
