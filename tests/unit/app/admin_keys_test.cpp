#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

class AdminKeys : public AdminTest {
 protected:
  int create(const std::string& body,
             const std::string& credential = std::string(k_admin_credential)) {
    return ask({.operation = "create_key", .body = body, .credential = credential}).status;
  }
  std::string id_of(const std::string& credential) {
    return directory_->snapshot()->authenticate(credential)->id;
  }
};

TEST_F(AdminKeys, RefusesMalformedOnes) {
  EXPECT_EQ(create(R"({"org":"nowhere","name":"k","scopes":["*"]})"), 404);
  EXPECT_EQ(create(R"({"org":"group","name":"k","scopes":["coupons"]})"), 400);
  EXPECT_EQ(create(R"({"org":"group","name":"k","scopes":["*"],"expires_at":"tomorrow"})"), 400);
  EXPECT_EQ(
      create(R"({"org":"group","name":"k","scopes":["*"],"expires_at":"2001-01-01T00:00:00Z"})"),
      400);
}

TEST_F(AdminKeys, NoKeyMakesOneThatReachesBeyondItself) {
  make_org("brand-a", "group", "brand");
  make_org("brand-b", "group", "brand");
  const std::string credential = make_key("brand-a", R"(["admin:keys","coupons:*"])");
  EXPECT_EQ(create(R"({"org":"group","name":"k","scopes":["coupons:*"]})", credential), 403);
  EXPECT_EQ(create(R"({"org":"brand-b","name":"k","scopes":["coupons:*"]})", credential), 403);
  EXPECT_EQ(create(R"({"org":"brand-a","name":"k","scopes":["*"]})", credential), 403);
  EXPECT_EQ(create(R"({"org":"brand-a","name":"k","scopes":["coupons:*","membership:read"]})",
                   credential),
            403);
  EXPECT_EQ(create(R"({"org":"brand-a","name":"k","scopes":["coupons:redeem","admin:keys"]})",
                   credential),
            201);
}

TEST_F(AdminKeys, AKeyThatEndsDoesNotOutliveItselfInAnother) {
  const http::Response made = ask(
      {.operation = "create_key",
       .body = R"({"org":"group","name":"k","scopes":["*"],"expires_at":"2030-01-01T00:00:00Z"})"});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string credential = text_of(made, "key");
  EXPECT_EQ(create(R"({"org":"group","name":"k","scopes":["*"]})", credential), 403);
  EXPECT_EQ(
      create(R"({"org":"group","name":"k","scopes":["*"],"expires_at":"2030-01-02T00:00:00Z"})",
             credential),
      403);
  EXPECT_EQ(
      create(R"({"org":"group","name":"k","scopes":["*"],"expires_at":"2029-12-31T00:00:00Z"})",
             credential),
      201);
}

TEST_F(AdminKeys, TheListHoldsNoSecretsAndOnlyWhatOneMaySee) {
  make_org("brand-a", "group", "brand");
  const std::string credential = make_key("brand-a", R"(["admin:keys"])");
  const http::Response own = ask({.operation = "list_keys", .credential = credential});
  EXPECT_EQ(ids_of(own), (std::vector<std::string>{id_of(credential)}));
  EXPECT_EQ(own.body.find(credential), std::string::npos);
  EXPECT_EQ(ids_of(ask({.operation = "list_keys"})).size(), 2u);
}

TEST_F(AdminKeys, OnlyKeysOnesMaySeeCanBeDeleted) {
  make_org("brand-a", "group", "brand");
  const std::string credential = make_key("brand-a", R"(["admin:keys"])");
  const std::string foreign = id_of(std::string(k_admin_credential));
  EXPECT_EQ(
      ask({.operation = "delete_key", .parameters = {{"id", foreign}}, .credential = credential})
          .status,
      404);
  EXPECT_EQ(ask({.operation = "delete_key", .parameters = {{"id", "key_0"}}}).status, 404);
  EXPECT_EQ(ask({.operation = "delete_key", .parameters = {{"id", id_of(credential)}}}).status,
            204);
  EXPECT_EQ(directory_->snapshot()->authenticate(credential), nullptr);
}

TEST_F(AdminKeys, TheLastAdminKeyStays) {
  const std::string admin = id_of(std::string(k_admin_credential));
  EXPECT_EQ(ask({.operation = "delete_key", .parameters = {{"id", admin}}}).status, 409);
  const std::string second = make_key("group", R"(["*"])");
  EXPECT_EQ(
      ask({.operation = "delete_key", .parameters = {{"id", admin}}, .credential = second}).status,
      204);
}

TEST_F(AdminKeys, ASecretIsNeverKeptForARepeat) {
  const Ask wanted{.operation = "create_key",
                   .body = R"({"org":"group","name":"k","scopes":["*"]})",
                   .idempotency_key = "once"};
  const http::Response first = ask(wanted);
  ASSERT_EQ(first.status, 201);
  const http::Response again = ask(wanted);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.body.find(text_of(first, "key")), std::string::npos);
  EXPECT_EQ(directory_->snapshot()->keys().size(), 2u) << "the repeat made no second key";
}

}  // namespace
}  // namespace forecourt::admin
