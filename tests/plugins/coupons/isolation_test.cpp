#include "scene.hpp"

#include <functional>
#include <vector>

namespace {

using fc::Json;

class Isolation : public Scene {};

/// All rows of all tables, to see whether anything was touched.
std::string everything(fc::testkit::Host& host) {
  std::string rows;
  for (const char* table :
       {"batches", "batch_reach", "holders", "coupons", "redemptions", "returns"}) {
    for (const auto& row : host.query("SELECT * FROM " + std::string(table))) {
      for (const Json& value : row) rows += value.dump() + " ";
      rows += '\n';
    }
  }
  return rows;
}

TEST_F(Isolation, NoOperationSeesOrTouchesAForeignOrgsRows) {
  const std::string batch =
      new_batch("dealer-1", Json::object({{"stores", Json::array({"store-11"})}}));
  const std::string live = new_coupon("dealer-1", batch, "s-1");
  const std::string used = new_coupon("dealer-1", batch, "s-2");
  ASSERT_EQ(redeem("store-11", used, "request-1", "store-11").status, 200);
  const std::string before = everything(host_);
  const size_t events = host_.events().size();

  for (const std::string org : {"store-12", "dealer-2", "store-21"}) {
    std::vector<Response> refused;
    for (const std::string& code : {live, used}) {
      refused.push_back(get(org, "/v1/coupons/coupons/" + code));
      refused.push_back(redeem(org, code, "request-1", org));
      refused.push_back(redeem(org, code, "request-1", "store-11"));
      refused.push_back(give_back(org, code, "request-1"));
    }
    refused.push_back(get(org, "/v1/coupons/batches/" + batch));
    refused.push_back(issue(org, batch, "mem_1", "s-1"));
    refused.push_back(issue(org, batch, "mem_1", "s-3"));
    for (const Response& response : refused) {
      EXPECT_EQ(response.status, 404) << org << " " << response.body;
      EXPECT_EQ(response.body.find("mem_1"), std::string::npos) << response.body;
    }
    EXPECT_EQ(get(org, "/v1/coupons/coupons?member_id=mem_1").body,
              R"({"items":[],"next_cursor":null})");
    EXPECT_EQ(get(org, "/v1/coupons/batches").body, R"({"items":[],"next_cursor":null})");
    EXPECT_EQ(create(org, Json::object({{"stores", Json::array({"store-11"})}})).status, 422);
  }
  EXPECT_EQ(everything(host_), before);
  EXPECT_EQ(host_.events().size(), events);
}

TEST_F(Isolation, AKeyNarrowedToAStoreIsThatStore) {
  const std::string code = new_coupon(
      "group", new_batch("group", Json::object({{"stores", Json::array({"store-11"})}})));
  const auto as = [&](const std::string& org) {
    return host_
        .call("GET", "/v1/coupons/coupons/" + code, "", {.headers = {{"Forecourt-Org", org}}})
        .status;
  };
  EXPECT_EQ(as("store-12"), 404);
  EXPECT_EQ(as("store-11"), 200);
}

TEST_F(Isolation, EachVerbIsNeeded) {
  const std::string batch = new_batch("group");
  const std::string code = new_coupon("group", batch);
  const auto status = [&](const std::string& method, const std::string& target,
                          const std::string& body, const std::string& scope) {
    return host_.call(method, target, body, {.scopes = {scope}}).status;
  };
  const std::string coupon = "/v1/coupons/coupons/" + code;
  const std::string sale =
      R"({"request_no":"request-1","store":"store-11","order_amount_fen":6000})";
  EXPECT_EQ(status("POST", coupon + "/redeem", sale, "coupons:read"), 403);
  EXPECT_EQ(status("POST", coupon + "/return", R"({"request_no":"request-1"})", "coupons:redeem"),
            403);
  EXPECT_EQ(status("GET", coupon, "", "coupons:redeem"), 403);
  EXPECT_EQ(status("POST", "/v1/coupons/batches/" + batch + "/issue",
                   R"({"member_id":"m","source_id":"s"})", "coupons:manage"),
            403);
  EXPECT_EQ(status("POST", coupon + "/redeem", sale, "coupons:redeem"), 200);
}

}  // namespace
