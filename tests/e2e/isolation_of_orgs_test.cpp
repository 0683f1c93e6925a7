// Every operation of every plugin, called by a key of a foreign org with the ids of another org's
// rows: no row is seen and none is touched.

#include <gtest/gtest.h>

#include <ctime>
#include <string>
#include <vector>

#include "base/json_text.hpp"
#include "e2e/support/scene.hpp"

namespace e2e {
namespace {

namespace json = forecourt::json;
using forecourt::json_string;

/// Rows of store-12, and where to look whether they changed.
struct Rows {
  std::string member, code, batch, order = "order-iso";
};

Rows make_rows(Scene& scene, HttpClient& admin) {
  Rows rows;
  const auto call = scene.wechat.payment("EV-ISO", {"4400001", rows.order, "openid-iso", 5000});
  HttpClient channel = scene.host.client("");
  EXPECT_EQ(channel.post(scene.notify_path(), call.body, call.headers).status / 100, 2);
  EXPECT_TRUE(eventually([&] {
    const Document page = json_of(admin.get("/v1/membership/members?openid=openid-iso"));
    const json::Value* items = json::find(page, "items");
    if (!items || items->Empty()) return false;
    rows.member = std::string(json::text((*items)[0], "id"));
    const Document coupons = json_of(admin.get("/v1/coupons/coupons?member_id=" + rows.member));
    return !json::find(coupons, "items")->Empty();
  }));
  rows.batch = scene.make_batch(admin, 100, 100, R"(["store-12"])");
  rows.code = scene.issue(admin, rows.batch, rows.member, "iso");
  return rows;
}

TEST(OrgIsolation, AForeignKeySeesNothing) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const Rows rows = make_rows(scene, admin);
  HttpClient foreign = scene.host.client(scene.key_of("store-99"));
  HttpClient sibling = scene.host.client(scene.key_of("store-13"));

  for (HttpClient* client : {&foreign, &sibling}) {
    EXPECT_EQ(client->get("/v1/membership/members/" + rows.member).status, 404);
    EXPECT_EQ(client->get("/v1/membership/members/" + rows.member + "/ledger").status, 404);
    EXPECT_EQ(json::find(json_of(client->get("/v1/membership/members?openid=openid-iso")), "items")
                  ->Size(),
              0u);
    EXPECT_EQ(client
                  ->post("/v1/membership/members/" + rows.member + "/adjustments",
                         R"({"points":5,"reason":"x","source_id":"foreign-1"})")
                  .status,
              404);
    EXPECT_EQ(client->get("/v1/coupons/coupons/" + rows.code).status, 404);
    EXPECT_EQ(json::find(json_of(client->get("/v1/payments/orders/" + rows.order +
                                             "?merchant_id=" + scene.merchant)),
                         "transaction_id"),
              nullptr);
    EXPECT_EQ(
        client->get("/v1/payments/orders/" + rows.order + "?merchant_id=" + scene.merchant).status,
        404);
    const std::string own = client == &foreign ? "store-99" : "store-13";
    EXPECT_EQ(client
                  ->post("/v1/coupons/coupons/" + rows.code + "/redeem",
                         "{\"request_no\":\"foreign-1\",\"store\":\"" + own +
                             "\",\"order_amount_fen\":9000}")
                  .status,
              404);
    // Unknown and invisible codes answer the same.
    Answer unknown = client->get("/v1/coupons/coupons/ZZZZZZZZZZZZZZZZ");
    Answer invisible = client->get("/v1/coupons/coupons/" + rows.code);
    EXPECT_EQ(unknown.status, invisible.status);
  }
  EXPECT_EQ(admin.get("/v1/coupons/coupons/" + rows.code).status, 200);
}

/// Fills a path or query parameter with what store-12 owns.
std::string value_for(const Scene& scene, const Rows& rows, const std::string& path,
                      const std::string& name) {
  if (name == "merchant_id" || path.find("/merchants/") != std::string::npos) return scene.merchant;
  if (name == "out_trade_no") return rows.order;
  if (name == "code") return rows.code;
  if (name == "member_id") return rows.member;
  if (name == "openid") return "openid-iso";
  if (path.find("/members/") != std::string::npos) return rows.member;
  if (path.find("/batches/") != std::string::npos) return rows.batch;
  return "store-12";
}

/// A body for an operation: what its own example or the known surface gives; else the empty object.
std::string body_for(const Scene& scene, const Rows& rows, const std::string& path) {
  if (path.find("/adjustments") != std::string::npos)
    return R"({"points":5,"reason":"x","source_id":"foreign"})";
  if (path.find("/issue") != std::string::npos)
    return "{\"member_id\":" + json_string(rows.member) + ",\"source_id\":\"foreign\"}";
  if (path.find("/redeem") != std::string::npos)
    return R"({"request_no":"foreign-req","store":"store-12","order_amount_fen":9000})";
  if (path.find("/return") != std::string::npos) return R"({"request_no":"foreign-ret"})";
  if (path == "/v1/payments/orders")
    return "{\"merchant_id\":" + json_string(scene.merchant) +
           ",\"out_trade_no\":\"foreign-1\",\"amount_fen\":1}";
  if (path == "/v1/payments/merchants")
    return "{\"channel\":\"wechat\",\"mchid\":\"1\",\"appid\":\"wx1\",\"api_v3_key\":" +
           json_string(scene.wechat.api_v3_key()) +
           ",\"platform_keys\":[{\"serial\":\"01\",\"public_key_pem\":" +
           json_string(scene.wechat.public_key_pem()) + "}],\"org\":\"store-12\"}";
  if (path == "/v1/community/corps")
    return R"({"corp_id":"wwforeign","token":"QDG6eK","encoding_aes_key":"jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C","org":"store-12"})";
  if (path == "/v1/coupons/batches")
    return R"({"name":"x","kind":"NORMAL","threshold_fen":1,"amount_fen":1,"total":1,"per_member":1,"valid_from":"2020-01-01T00:00:00Z","valid_days":1,"stores":["store-12"]})";
  if (path == "/admin/v1/orgs")
    return R"({"id":"intruder","parent":"store-12","kind":"store","name":"x"})";
  if (path == "/admin/v1/webhooks")
    return R"({"org":"store-12","url":"https://example.com/","types":["coupons.coupon.redeemed"]})";
  if (path.find("/replay") != std::string::npos && path.find("/webhooks/") != std::string::npos)
    return R"({"since":"2020-01-01T00:00:00Z"})";
  if (path == "/admin/v1/keys") return R"({"org":"store-12","name":"x","scopes":["*"]})";
  return "{}";
}

TEST(OrgIsolation, EveryOperationOfEveryPluginRefusesAForeignOrg) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const Rows rows = make_rows(scene, admin);
  HttpClient foreign = scene.host.client(scene.key_of("store-99"));
  const std::string before =
      admin.get("/v1/coupons/coupons/" + rows.code).body +
      admin.get("/v1/membership/members/" + rows.member).body +
      admin.get("/v1/payments/orders/" + rows.order + "?merchant_id=" + scene.merchant).body;

  const Document api = json_of(admin.get("/openapi.json"));
  const json::Value* paths = json::find(api, "paths");
  ASSERT_TRUE(paths);
  int tried = 0;
  for (const auto& path : paths->GetObject()) {
    const std::string pattern(json::view(path.name));
    if (pattern.rfind("/v1/", 0) != 0 && pattern.rfind("/admin/", 0) != 0) continue;
    if (pattern == "/v1/events") continue;  // its answer does not end: see stream_test.cpp
    for (const auto& operation : path.value.GetObject()) {
      std::string method(json::view(operation.name));
      if (method != "get" && method != "post" && method != "put" && method != "delete" &&
          method != "patch")
        continue;
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      std::string target;
      for (size_t at = 0; at < pattern.size();) {
        if (pattern[at] != '{') {
          target += pattern[at++];
          continue;
        }
        const size_t end = pattern.find('}', at);
        target += value_for(scene, rows, pattern, pattern.substr(at + 1, end - at - 1));
        at = end + 1;
      }
      std::string query;
      for (const json::Value* list :
           {json::find(operation.value, "parameters"), json::find(path.value, "parameters")}) {
        if (!list) continue;
        for (const json::Value& parameter : list->GetArray()) {
          if (json::text(parameter, "in") != "query") continue;
          const std::string name(json::text(parameter, "name"));
          if (name == "limit" || name == "cursor" || name == "purge" || name == "appid") continue;
          if (pattern.rfind("/v1/hello", 0) == 0) continue;
          query += (query.empty() ? "?" : "&") + name + "=" + value_for(scene, rows, pattern, name);
        }
      }
      const bool with_body = method == "POST" || method == "PUT" || method == "PATCH";
      const Answer answer = foreign.send(
          method, target + query, with_body ? body_for(scene, rows, pattern) : std::string());
      ++tried;
      EXPECT_NE(answer.status, 0) << method << " " << target;
      EXPECT_LT(answer.status, 500) << method << " " << target << " " << answer.body;
      for (const std::string& secret :
           {std::string("openid-iso"), rows.code, std::string("4400001")}) {
        if (answer.body.find("\"items\":[]") != std::string::npos) continue;
        const bool echoed = (target + query).find(secret) != std::string::npos;
        if (!echoed) {
          EXPECT_EQ(answer.body.find(secret), std::string::npos)
              << method << " " << target << query << " showed " << secret << ": " << answer.body;
        }
      }
      if (method != "GET" && pattern.rfind("/v1/hello", 0) != 0 && answer.status / 100 == 2) {
        // A write that succeeds must have made something of the foreign org's own.
        EXPECT_EQ(answer.body.find("store-12"), std::string::npos)
            << method << " " << target << " " << answer.body;
      }
    }
  }
  EXPECT_GE(tried, 25) << "the matrix is not the whole surface";
  const std::string after =
      admin.get("/v1/coupons/coupons/" + rows.code).body +
      admin.get("/v1/membership/members/" + rows.member).body +
      admin.get("/v1/payments/orders/" + rows.order + "?merchant_id=" + scene.merchant).body;
  EXPECT_EQ(before, after) << "a foreign key touched a row";
}

TEST(OrgIsolation, TheOrgHeaderOnlyNarrows) {
  Scene scene;
  HttpClient admin = scene.host.client();
  const Rows rows = make_rows(scene, admin);
  HttpClient store = scene.host.client(scene.key_of("store-99"));
  EXPECT_EQ(
      store.get("/v1/membership/members/" + rows.member, {{"Forecourt-Org", "store-12"}}).status,
      403);
  EXPECT_EQ(store.get("/v1/membership/members/" + rows.member, {{"Forecourt-Org", "group"}}).status,
            403);
  EXPECT_EQ(admin.get("/v1/coupons/coupons/" + rows.code, {{"Forecourt-Org", "store-99"}}).status,
            404);
  EXPECT_EQ(admin.get("/v1/coupons/coupons/" + rows.code, {{"Forecourt-Org", "store-12"}}).status,
            200);
}

}  // namespace
}  // namespace e2e
