// Operations marked `"audit": true` stand in the audit log, committed or refused; others do not.

#include <gtest/gtest.h>

#include <algorithm>

#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;

/// "<action> <subject> <status>" of the entries, newest first.
std::vector<std::string> operations(HttpClient& admin) {
  std::vector<std::string> found;
  const Document page = json_of(admin.get("/admin/v1/audit?limit=100"));
  const json::Value* items = json::find(page, "items");
  if (!items || !items->IsArray()) return found;
  for (const json::Value& entry : items->GetArray()) {
    const std::string action(json::text(entry, "action"));
    if (action.find(":operation.") == std::string::npos) continue;
    const json::Value* detail = json::find(entry, "detail");
    EXPECT_TRUE(detail && json::text(*detail, "request").size() == 32) << json::to_text(entry);
    EXPECT_TRUE(std::string(json::text(entry, "actor")).starts_with("key_"));
    found.push_back(action + " " + std::string(json::text(entry, "subject")) + " " +
                    std::to_string(detail ? integer_of(*detail, "status") : 0));
  }
  return found;
}

TEST(Audit, TellsOfEveryOperationMarkedSo) {
  Scene scene;
  HttpClient admin = scene.host.client();
  HttpClient store = scene.host.client(scene.key_of("store-12"));
  HttpClient channel = scene.host.client("");
  const auto paid = scene.wechat.payment("EV-1", {"4200000003", "order-1", "openid-1", 900});
  ASSERT_EQ(channel.post(scene.notify_path(), paid.body, paid.headers).status / 100, 2);
  std::string member;
  ASSERT_TRUE(eventually([&] {
    const Document found = json_of(admin.get("/v1/membership/members?openid=openid-1"));
    const json::Value* items = json::find(found, "items");
    if (!items || items->Empty()) return false;
    member = std::string(json::text((*items)[0], "id"));
    return true;
  }));

  const std::string adjust = "/v1/membership/members/" + member + "/adjustments";
  EXPECT_EQ(
      store.post(adjust, R"({"points":-1000000,"reason":"too many","source_id":"a-1"})").status,
      409);
  EXPECT_EQ(store.post(adjust, R"({"points":5,"reason":"by hand","source_id":"a-2"})").status, 201);
  EXPECT_EQ(store.post(adjust, R"({"points":0})").status, 400) << "never reached the plugin";
  const std::string coupon =
      "/v1/coupons/coupons/" + scene.issue(store, scene.batch, "member-by-hand", "by hand");
  EXPECT_EQ(store
                .post(coupon + "/redeem",
                      R"({"request_no":"req-000001","store":"store-12","order_amount_fen":9900})")
                .status,
            200);
  EXPECT_EQ(store.post(coupon + "/return", R"({"request_no":"ret-000001"})").status, 200);
  EXPECT_EQ(admin
                .post("/v1/payments/orders/order-none/close",
                      R"({"merchant_id":")" + scene.merchant + R"("})")
                .status,
            404);
  EXPECT_EQ(admin
                .post("/v1/community/corps",
                      R"({"corp_id":"ww1234567890abcdef","token":"QDG6eKcallbackTokenOfTheCorp",)"
                      R"("encoding_aes_key":"jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",)"
                      R"("org":"store-12"})")
                .status,
            201);

  // What plugins record is chained a little later.
  const std::vector<std::string> expected = {
      "community:operation.createCorp  201",
      "coupons:operation.createBatch  201",
      "coupons:operation.returnCoupon " + coupon.substr(coupon.rfind('/') + 1) + " 200",
      "membership:operation.adjustPoints " + member + " 201",
      "membership:operation.adjustPoints " + member + " 409",
      "payments:operation.closeOrder order-none 404",
      "payments:operation.createMerchant  201"};
  std::vector<std::string> found;
  eventually(
      [&] {
        found = operations(admin);
        return found.size() >= expected.size();
      },
      20);
  std::ranges::sort(found);
  EXPECT_EQ(found, expected);
  EXPECT_NE(admin.get("/admin/v1/audit/check").body.find("\"intact\":true"), std::string::npos);
}

}  // namespace
}  // namespace e2e
