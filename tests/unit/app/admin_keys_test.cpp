#include "org/keys.hpp"
#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

class AdminKeys : public AdminTest {
 protected:
  int create(const std::string& body,
             const std::string& credential = std::string(k_admin_credential)) {
    return ask({.operation = "create_key", .body = body, .credential = credential}).status;
  }
  http::Response rotate(const std::string& id, const std::string& body = "{}",
                        const std::string& credential = std::string(k_admin_credential)) {
    return ask({.operation = "rotate_key",
                .parameters = {{"id", id}},
                .body = body,
                .credential = credential});
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

TEST_F(AdminKeys, WhatCannotBeRotated) {
  make_org("brand-a", "group", "brand");
  make_org("brand-b", "group", "brand");
  const std::string asking = make_key("brand-a", R"(["admin:keys","coupons:*"])");
  const std::string wider = id_of(make_key("brand-a", R"(["coupons:*","membership:read"])"));
  const std::string foreign = id_of(make_key("brand-b", R"(["coupons:*"])"));
  const std::string admin = id_of(std::string(k_admin_credential));
  EXPECT_EQ(rotate("key_0").status, 404);
  EXPECT_EQ(rotate(foreign, "{}", asking).status, 404);
  EXPECT_EQ(rotate(admin, "{}", asking).status, 404);
  EXPECT_EQ(rotate(wider, "{}", asking).status, 403) << "its secret would go to who may do less";
  EXPECT_EQ(rotate(wider, R"({"expires_at":"tomorrow"})").status, 400);
  EXPECT_EQ(rotate(wider, R"({"expires_at":"2001-01-01T00:00:00Z"})").status, 400);
  const http::Response own = rotate(admin);
  EXPECT_EQ(own.status, 409);
  EXPECT_NE(own.body.find("FORECOURT_ADMIN_KEY"), std::string::npos) << own.body;
  EXPECT_EQ(directory_->snapshot()->keys().size(), 4u) << "a refusal makes no key";
}

TEST_F(AdminKeys, AnExpiredKeyCannotBeRotated) {
  const std::string old = make_key("group", R"(["coupons:*"])");
  ASSERT_EQ(rotate(id_of(old), R"({"overlap_seconds":60})").status, 201);
  clock_.advance_ms(60'000);
  EXPECT_EQ(rotate(id_of(old)).status, 409);
}

TEST_F(AdminKeys, ARotatedKeyHasASuccessorAndEndsAtOnceOrAfterTheOverlap) {
  const std::string first = make_key("group", R"(["coupons:*","membership:read"])");
  const http::Response made = rotate(id_of(first), R"({"overlap_seconds":60})");
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string second = text_of(made, "key");
  EXPECT_EQ(text_of(made, "replaces"), id_of(first));
  const auto snapshot = directory_->snapshot();
  const org::Key* from = snapshot->authenticate(first);
  const org::Key* to = snapshot->authenticate(second);
  ASSERT_NE(to, nullptr);
  EXPECT_EQ(to->id, text_of(made, "id"));
  EXPECT_NE(to->id, from->id);
  EXPECT_EQ(to->org, from->org);
  EXPECT_EQ(to->name, from->name);
  EXPECT_EQ(to->scopes, from->scopes);
  EXPECT_EQ(to->expires_at_ms, 0);
  EXPECT_FALSE(org::has_ended(*from, clock_.now_ms() + 59'999));
  EXPECT_TRUE(org::has_ended(*from, clock_.now_ms() + 60'000));

  ASSERT_EQ(rotate(id_of(second)).status, 201);
  EXPECT_TRUE(org::has_ended(*directory_->snapshot()->authenticate(second), clock_.now_ms()));
}

TEST_F(AdminKeys, AnOverlapNeverLengthensALife) {
  const http::Response made = ask(
      {.operation = "create_key",
       .body =
           R"({"org":"group","name":"k","scopes":["coupons:*"],"expires_at":"2030-01-01T00:00:00Z"})"});
  const std::string credential = text_of(made, "key");
  clock_.set_ms(1'893'455'990'000);  // ten seconds before
  const http::Response rotated = rotate(id_of(credential), R"({"overlap_seconds":60})");
  ASSERT_EQ(rotated.status, 201) << rotated.body;
  EXPECT_EQ(text_of(rotated, "replaced_expires_at"), "2030-01-01T00:00:00Z");
  const auto snapshot = directory_->snapshot();
  EXPECT_EQ(snapshot->authenticate(text_of(rotated, "key"))->expires_at_ms, 1'893'456'000'000);
  EXPECT_EQ(text_of(rotate(id_of(text_of(rotated, "key")),
                           R"({"overlap_seconds":5,"expires_at":"2031-01-01T00:00:00Z"})"),
                    "replaced_expires_at"),
            "2029-12-31T23:59:55Z");
}

TEST_F(AdminKeys, ARotationsSecretIsNeverKeptForARepeat) {
  const std::string id = id_of(make_key("group", R"(["coupons:*"])"));
  const Ask wanted{.operation = "rotate_key", .parameters = {{"id", id}}, .idempotency_key = "r"};
  const http::Response first = ask(wanted);
  ASSERT_EQ(first.status, 201) << first.body;
  const http::Response again = ask(wanted);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.body.find(text_of(first, "key")), std::string::npos);
}

TEST_F(AdminKeys, TheListSaysWhichHaveEnded) {
  const std::string credential = make_key("group", R"(["coupons:*"])");
  EXPECT_EQ(ask({.operation = "list_keys"}).body.find("expired"), std::string::npos);
  ASSERT_EQ(rotate(id_of(credential), R"({"overlap_seconds":60})").status, 201);
  EXPECT_EQ(ask({.operation = "list_keys"}).body.find("expired"), std::string::npos);
  clock_.advance_ms(60'000);
  const json::Document page = body_of(ask({.operation = "list_keys"}));
  int expired = 0;
  for (const json::Value& key : json::find(page, "items")->GetArray()) {
    const bool ended = json::text(key, "state") == "expired";
    EXPECT_EQ(ended, json::text(key, "id") == id_of(credential));
    expired += ended ? 1 : 0;
  }
  EXPECT_EQ(expired, 1);
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
