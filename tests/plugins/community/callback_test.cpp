#include "plugins/community/fixture.hpp"

namespace community::test {
namespace {

class WecomCallback : public CommunityTest {
 protected:
  Response get(const std::string& query) {
    return host_.call("GET", callback_path(corp_) + query, "", {.scopes = {}});
  }
  void expect_nothing_stored() {
    EXPECT_EQ(count("callbacks"), 0);
    EXPECT_EQ(count("chat_groups"), 0);
  }
};

TEST_F(WecomCallback, RefusesAnUnknownCorp) {
  corp_ = "corp_unknown";
  EXPECT_EQ(send(xml_of({.change_type = "create"})).status, 404);
  const std::string sealed = encrypt("echo", "ww1");
  EXPECT_EQ(get(signed_query(sealed) + "&echostr=" + percent_encoded(sealed)).status, 404);
  expect_nothing_stored();
}

TEST_F(WecomCallback, RefusesABadSignature) {
  const std::string sealed = encrypt(xml_of({.change_type = "create"}), "ww1");
  const std::string good = signed_query(sealed);
  std::string bad = good;
  bad[15] = bad[15] == '0' ? '1' : '0';
  EXPECT_EQ(post(bad, envelope(sealed)).status, 403);
  EXPECT_EQ(post(signed_query(sealed, "another"), envelope(sealed)).status, 403);
  EXPECT_EQ(post(good, envelope(encrypt(xml_of({.change_type = "dismiss"}), "ww1"))).status, 403);
  EXPECT_EQ(post(good + "0", envelope(sealed)).status, 403) << "another nonce";
  EXPECT_EQ(post("", envelope(sealed)).status, 400) << "none at all";
  EXPECT_EQ(get(bad + "&echostr=" + percent_encoded(sealed)).status, 403);
  expect_nothing_stored();
}

TEST_F(WecomCallback, RefusesAMessageForSomebodyElse) {
  for (const char* receive_id : {"ww2", "", "ww1 ", "ww"}) {
    const std::string sealed = encrypt(xml_of({.change_type = "create"}), receive_id);
    EXPECT_EQ(post(signed_query(sealed), envelope(sealed)).status, 403) << receive_id;
    EXPECT_EQ(get(signed_query(sealed) + "&echostr=" + percent_encoded(sealed)).status, 403)
        << receive_id;
  }
  expect_nothing_stored();
}

TEST_F(WecomCallback, RefusesWhatItCannotDecrypt) {
  for (const std::string& sealed :
       {std::string("AAAA"), std::string("no base64"),
        encrypt("message", "ww1", "kWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"),
        encrypt_blocks(std::string(32, '\0'))}) {
    EXPECT_EQ(post(signed_query(sealed), envelope(sealed)).status, 400) << sealed;
  }
  for (const char* body : {"", "text", "<xml></xml>", "{\"encrypt\":\"AAAA\"}"}) {
    EXPECT_EQ(post(signed_query("AAAA"), body).status, 400) << body;
  }
  expect_nothing_stored();
}

TEST_F(WecomCallback, AnswersTheOfficialSampleWithItsBareText) {
  const Json sample = Json::parse(test_data("wecom/crypt_vectors.json")).items().at(0);
  Json body = corp_body();
  body.set("corp_id", sample["receiveid"]);
  corp_ = made(register_corp(body)).json()["id"].text();
  const Response answer = get(
      "?msg_signature=" + sample["sig"].text() + "&timestamp=" + sample["ts"].text() +
      "&nonce=" + sample["nonce"].text() + "&echostr=" + percent_encoded(sample["encrypt"].text()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "1616140317555161061");
  EXPECT_EQ(count("callbacks"), 0);
}

TEST_F(WecomCallback, KeepsTheOfficialSampleMessage) {
  const Json sample = Json::parse(test_data("wecom/crypt_vectors.json")).items().at(1);
  Json body = corp_body();
  body.set("corp_id", sample["receiveid"]);
  corp_ = made(register_corp(body)).json()["id"].text();
  const std::string query = "?msg_signature=" + sample["sig"].text() +
                            "&timestamp=" + sample["ts"].text() +
                            "&nonce=" + sample["nonce"].text();
  EXPECT_EQ(post(query, envelope(sample["encrypt"].text())).status, 200);
  EXPECT_EQ(host_.query("SELECT kind FROM callbacks").at(0).at(0).text(), "text");
}

TEST_F(WecomCallback, KeepsEveryKindOnce) {
  const Names files = {"ChangeExternalContactEvent.AddExternalContact",
                       "ChangeExternalContactEvent.TransferFail",
                       "ChangeExternalContactEvent.DeleteFollowUser",
                       "ChangeExternalTagEvent.Create",
                       "ChangeExternalTagEvent.Shuffle",
                       "ChangeExternalChatEvent.Create"};
  for (int round = 0; round < 2; ++round) {
    for (const std::string& file : files) accept(test_data("wecom/events/" + file + ".xml"));
  }
  accept("no XML at all \xff");
  accept("no XML at all \xff");
  EXPECT_EQ(count("callbacks"), static_cast<int64_t>(files.size()) + 1);
  EXPECT_EQ(count("chat_groups"), 1);
}

TEST_F(WecomCallback, OfASuiteNamesTheSuiteAndItsCorp) {
  const std::string create = test_data("wecom/events/ChangeExternalChatEvent.Create.xml");
  const std::string for_suite = encrypt(create, "ww4asffe99e54c0f4c");
  EXPECT_EQ(post(signed_query(for_suite), envelope(for_suite)).status, 403)
      << "no suite was registered";

  Json body = corp_body();
  body.set("suite_id", "ww4asffe99e54c0f4c");
  corp_ = made(register_corp(body)).json()["id"].text();
  EXPECT_EQ(post(signed_query(for_suite), envelope(for_suite)).status, 403)
      << "it is about another corp";

  body.set("corp_id", "wxf8b4f85f3a794e77");
  corp_ = made(register_corp(body)).json()["id"].text();
  EXPECT_EQ(post(signed_query(for_suite), envelope(for_suite)).status, 200);
  EXPECT_EQ(items("/v1/community/groups?corp_id=wxf8b4f85f3a794e77").items().size(), 1u);
}

}  // namespace
}  // namespace community::test
