#include <gtest/gtest.h>

#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

class AdminWebhooks : public AdminTest {
 protected:
  void SetUp() override {
    AdminTest::SetUp();
    make_org("store-1", "group", "store");
    make_org("store-2", "group", "store");
  }
  static std::string wanted(const std::string& org,
                            const std::string& url = "https://example.com/h",
                            const std::string& types = R"(["coupons.coupon.redeemed"])") {
    return R"({"org":")" + org + R"(","url":")" + url + R"(","types":)" + types + "}";
  }
  std::string create(const std::string& org) {
    const http::Response made = ask({.operation = "create_webhook", .body = wanted(org)});
    EXPECT_EQ(made.status, 201) << made.body;
    return text_of(made, "id");
  }
};

TEST_F(AdminWebhooks, AreRefusedForAForeignOrgABadUrlOrABadType) {
  const std::string key = make_key("store-1", R"(["admin:webhooks"])");
  EXPECT_EQ(
      ask({.operation = "create_webhook", .body = wanted("store-2"), .credential = key}).status,
      403);
  EXPECT_EQ(ask({.operation = "create_webhook", .body = wanted("nowhere")}).status, 404);
  for (const char* url : {"http://example.com/", "https://127.0.0.1/", "https://10.0.0.1/", "x"}) {
    EXPECT_EQ(ask({.operation = "create_webhook", .body = wanted("store-1", url)}).status, 400)
        << url;
  }
  EXPECT_EQ(ask({.operation = "create_webhook",
                 .body = wanted("store-1", "https://example.com/", R"(["*"])")})
                .status,
            400);
}

TEST_F(AdminWebhooks, OfAnotherOrgAreAsIfThereWereNone) {
  const std::string id = create("store-2");
  const std::string key = make_key("store-1", R"(["admin:webhooks"])");
  for (const char* operation :
       {"get_webhook", "update_webhook", "delete_webhook", "rotate_webhook_secret",
        "list_webhook_deliveries", "replay_webhook_delivery", "replay_webhook"}) {
    const http::Response answer = ask({.operation = operation,
                                       .parameters = {{"id", id}, {"delivery", "evt_1"}},
                                       .body = R"({"since":"2020-01-01T00:00:00Z"})",
                                       .credential = key});
    EXPECT_EQ(answer.status, 404) << operation << " " << answer.body;
  }
  EXPECT_TRUE(ids_of(ask({.operation = "list_webhooks", .credential = key})).empty());
  EXPECT_EQ(ids_of(ask({.operation = "list_webhooks"})), std::vector<std::string>{id});
}

TEST_F(AdminWebhooks, ShowTheirSecretOnceAndKeepItSealed) {
  const http::Response made =
      ask({.operation = "create_webhook", .body = wanted("store-1"), .idempotency_key = "once"});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string secret = text_of(made, "secret");
  EXPECT_EQ(secret.rfind("whsec_", 0), 0u);
  EXPECT_EQ(
      ask({.operation = "create_webhook", .body = wanted("store-1"), .idempotency_key = "once"})
          .status,
      409);
  const std::string id = text_of(made, "id");
  const http::Response shown = ask({.operation = "get_webhook", .parameters = {{"id", id}}});
  EXPECT_EQ(shown.body.find(secret), std::string::npos);
  EXPECT_EQ(ask({.operation = "list_audit"}).body.find(secret), std::string::npos);
  const auto kept = webhooks_->find(id);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->secret.find(secret.substr(6)), std::string::npos);
  EXPECT_EQ(webhooks_->sealer().open(id, kept->secret), secret);
  EXPECT_EQ(webhooks_->sealer().open("whk_other", kept->secret), std::nullopt);
}

TEST_F(AdminWebhooks, AreChangedRotatedAndDeleted) {
  const std::string id = create("store-1");
  const http::Response disabled = ask(
      {.operation = "update_webhook", .parameters = {{"id", id}}, .body = R"({"enabled":false})"});
  EXPECT_EQ(disabled.status, 200) << disabled.body;
  EXPECT_NE(disabled.body.find("\"enabled\":false,\"reason\":\"an admin disabled it\""),
            std::string::npos)
      << disabled.body;
  const http::Response enabled = ask({.operation = "update_webhook",
                                      .parameters = {{"id", id}},
                                      .body = R"({"enabled":true,"description":"the till"})"});
  EXPECT_EQ(text_of(enabled, "description"), "the till");
  EXPECT_NE(enabled.body.find("\"enabled\":true,\"reason\":null"), std::string::npos);
  const auto before = webhooks_->find(id);
  const http::Response rotated = ask({.operation = "rotate_webhook_secret",
                                      .parameters = {{"id", id}},
                                      .body = R"({"overlap_s":60})"});
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_EQ(webhooks_->find(id)->former, before->secret);
  EXPECT_EQ(webhooks_->find(id)->former_until_ms, clock_.now_ms() + 60'000);
  EXPECT_EQ(webhooks_->sealer().open(id, webhooks_->find(id)->secret), text_of(rotated, "secret"));
  EXPECT_EQ(ask({.operation = "replay_webhook_delivery",
                 .parameters = {{"id", id}, {"delivery", "evt_1"}}})
                .status,
            404);
  EXPECT_EQ(ask({.operation = "delete_webhook", .parameters = {{"id", id}}}).status, 204);
  EXPECT_EQ(ask({.operation = "get_webhook", .parameters = {{"id", id}}}).status, 404);
}

}  // namespace
}  // namespace forecourt::admin
