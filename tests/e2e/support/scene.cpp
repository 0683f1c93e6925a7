#include "e2e/support/scene.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/json_text.hpp"

namespace e2e {

using forecourt::json_string;
namespace json = forecourt::json;

Document json_of(const Answer& answer) {
  auto parsed = json::parse(answer.body);
  EXPECT_TRUE(parsed.ok()) << "status " << answer.status << ", body: " << answer.body;
  if (parsed.ok()) return std::move(*parsed);
  Document empty;
  empty.SetObject();
  return empty;
}

std::string text_of(const Answer& answer, std::string_view name) {
  const Document document = json_of(answer);
  const std::string text(json::text(document, name));
  EXPECT_FALSE(text.empty()) << "no text member " << name << " in " << answer.status << " "
                             << answer.body;
  return text;
}

int64_t integer_of(const json::Value& object, std::string_view name) {
  const json::Value* value = json::find(object, name);
  EXPECT_TRUE(value && value->IsInt64())
      << "no integer member " << name << " in " << json::to_text(object);
  return value && value->IsInt64() ? value->GetInt64() : INT64_MIN;
}

bool eventually(const std::function<bool()>& done, int seconds) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!done()) {
    if (std::chrono::steady_clock::now() > give_up) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

Scene::Scene(HostProcess::Options options) : host(std::move(options)) {
  host.start();
  if (!host.running() || host.port() == 0) return;
  HttpClient client = host.client();
  make_org(client, "brand-1", "group", "brand");
  make_org(client, "east", "brand-1", "region");
  make_org(client, "dealer-1", "east", "dealer");
  make_org(client, "store-12", "dealer-1", "store");
  make_org(client, "store-13", "dealer-1", "store");
  make_org(client, "brand-2", "group", "brand");
  make_org(client, "store-99", "brand-2", "store");

  const Answer made =
      client.post("/v1/payments/merchants",
                  "{\"channel\":\"wechat\",\"mchid\":\"1230000109\",\"appid\":"
                  "\"wxd678efh567hg6787\",\"api_v3_key\":" +
                      json_string(wechat.api_v3_key()) +
                      ",\"platform_keys\":[{\"serial\":" + json_string(wechat.serial()) +
                      ",\"public_key_pem\":" + json_string(wechat.public_key_pem()) +
                      "}],\"org\":\"store-12\"}");
  EXPECT_EQ(made.status, 201) << made.body;
  merchant = text_of(made, "id");

  batch = make_batch(client, 1'000'000, 1);
  const Answer configured = client.put("/admin/v1/plugins/coupons/config?org=group",
                                       "{\"welcome_batch\":" + json_string(batch) + "}");
  EXPECT_EQ(configured.status, 200) << configured.body;
}

void Scene::make_org(HttpClient& client, std::string_view id, std::string_view parent,
                     std::string_view kind) {
  const Answer made =
      client.post("/admin/v1/orgs",
                  "{\"id\":" + json_string(id) + ",\"parent\":" + json_string(parent) +
                      ",\"kind\":" + json_string(kind) + ",\"name\":" + json_string(id) + "}");
  EXPECT_EQ(made.status, 201) << made.body;
}

std::string Scene::key_of(std::string_view org) {
  HttpClient client = host.client();
  return text_of(client.post("/admin/v1/keys", "{\"org\":" + json_string(org) +
                                                   ",\"name\":\"test\",\"scopes\":[\"*\"]}"),
                 "key");
}

std::string Scene::make_batch(HttpClient& client, int64_t total, int64_t per_member,
                              std::string_view stores) {
  const Answer made =
      client.post("/v1/coupons/batches",
                  "{\"name\":\"Welcome\",\"kind\":\"NORMAL\",\"threshold_fen\":5000,\"amount_fen\":"
                  "1000,\"total\":" +
                      std::to_string(total) + ",\"per_member\":" + std::to_string(per_member) +
                      ",\"valid_from\":\"2020-01-01T00:00:00Z\",\"valid_days\":30,\"stores\":" +
                      std::string(stores) + "}");
  EXPECT_EQ(made.status, 201) << made.body;
  return text_of(made, "id");
}

std::string Scene::issue(HttpClient& client, std::string_view batch_id, std::string_view member,
                         std::string_view source) {
  const Answer made = client.post(
      "/v1/coupons/batches/" + std::string(batch_id) + "/issue",
      "{\"member_id\":" + json_string(member) + ",\"source_id\":" + json_string(source) + "}");
  EXPECT_EQ(made.status, 201) << made.body;
  return text_of(made, "code");
}

}  // namespace e2e
