#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

using AdminIdempotency = AdminTest;

constexpr const char* k_store = R"({"id":"store-1","parent":"group","kind":"store","name":"One"})";

TEST_F(AdminIdempotency, TheKeyOfAnotherRequestIsRefused) {
  ASSERT_EQ(ask({.operation = "create_org", .body = k_store, .idempotency_key = "once"}).status,
            201);
  const http::Response other =
      ask({.operation = "create_org",
           .body = R"({"id":"store-2","parent":"group","kind":"store","name":"Two"})",
           .idempotency_key = "once"});
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(text_of(other, "code"), "idempotency-key-reused");
  EXPECT_EQ(directory_->snapshot()->find("store-2"), nullptr);
}

TEST_F(AdminIdempotency, ARepeatGetsTheSameAnswer) {
  const http::Response first =
      ask({.operation = "create_org", .body = k_store, .idempotency_key = "once"});
  const http::Response again =
      ask({.operation = "create_org", .body = k_store, .idempotency_key = "once"});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(ask({.operation = "create_org", .body = k_store}).status, 409)
      << "without the key it is a second one";
}

TEST_F(AdminIdempotency, ARefusalIsRepeatedToo) {
  const char* body = R"({"id":"store-1","parent":"brand-a","kind":"store","name":"One"})";
  ASSERT_EQ(ask({.operation = "create_org", .body = body, .idempotency_key = "once"}).status, 404);
  make_org("brand-a", "group", "brand");
  EXPECT_EQ(ask({.operation = "create_org", .body = body, .idempotency_key = "once"}).status, 404);
  EXPECT_EQ(ask({.operation = "create_org", .body = body}).status, 201);
}

TEST_F(AdminIdempotency, RepeatsAtTheSameTimeAreOneRequest) {
  std::vector<std::future<http::Response>> answers;
  std::vector<std::shared_ptr<TestExchange>> exchanges;
  const auto snapshot = directory_->snapshot();
  const org::Key* key = snapshot->authenticate(k_admin_credential);
  for (int i = 0; i < 8; ++i) {
    auto exchange = std::make_shared<TestExchange>();
    exchange->body_ = k_store;
    http::Request& request = exchange->request_;
    request.operation_id = "create_org";
    request.body = exchange->body_;
    request.caller = key->id;
    request.org = key->org;
    request.idempotency_key = "once";
    request.admitted_ms = clock_.now_ms();
    admin_->handle(exchange);
    exchanges.push_back(std::move(exchange));
  }
  for (const auto& exchange : exchanges) EXPECT_EQ(exchange->wait().status, 201);
}

}  // namespace
}  // namespace forecourt::admin
