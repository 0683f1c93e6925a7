#include "scene.hpp"

namespace {

using fc::Json;

class Batches : public Scene {};

TEST_F(Batches, AmountsAndCountsOutsideTheirRangesAreRefused) {
  for (const Json& changes : {
           Json::object({{"amount_fen", -1}}),
           Json::object({{"amount_fen", 0}}),
           Json::object({{"amount_fen", 1.5}}),
           Json::object({{"threshold_fen", -1}}),
           Json::object({{"total", 0}}),
           Json::object({{"per_member", 0}}),
           Json::object({{"valid_days", 0}}),
           Json::object({{"kind", "FREE"}}),
           Json::object({{"name", ""}}),
           Json::object({{"surprise", 1}}),
           Json::object({{"stores", Json::array({"store-11", "store-11"})}}),
           Json::object({{"kind", "DISCOUNT"}, {"amount_fen", nullptr}, {"percent_off", 101}}),
           Json::object({{"kind", "DISCOUNT"}, {"amount_fen", nullptr}, {"percent_off", 0}}),
       }) {
    EXPECT_EQ(create("group", changes).status, 400) << changes.dump();
  }
  EXPECT_EQ(post("group", "/v1/coupons/batches", R"({"total":9223372036854775808})").status, 400);
}

TEST_F(Batches, FieldsThatDoNotGoTogetherAreRefused) {
  for (const Json& changes : {
           Json::object({{"amount_fen", nullptr}}),
           Json::object({{"percent_off", 20}}),
           Json::object({{"kind", "DISCOUNT"}}),
           Json::object({{"kind", "DISCOUNT"}, {"percent_off", 20}}),
           Json::object({{"kind", "EXCHANGE"}, {"percent_off", 20}}),
           Json::object({{"valid_days", nullptr}}),
           Json::object({{"valid_until", "2030-01-01T00:00:00Z"}}),
           Json::object({{"valid_days", nullptr},
                         {"valid_from", "2030-01-02T00:00:00Z"},
                         {"valid_until", "2030-01-02T08:00:00+08:00"}}),
       }) {
    EXPECT_REFUSED(create("group", changes), 422, "invalid-batch");
  }
}

TEST_F(Batches, AStoreOfAnotherBranchIsRefusedWithTheWordsForAnUnknownOne) {
  const auto with_store = [&](const std::string& store) {
    return create("dealer-1", Json::object({{"stores", Json::array({store})}}));
  };
  Response foreign = with_store("store-21");
  EXPECT_REFUSED(foreign, 422, "invalid-batch");
  Response unknown = with_store("store-99");
  EXPECT_REFUSED(unknown, 422, "invalid-batch");
  EXPECT_EQ(foreign.json()["detail"].text(), "stores: store-21 is not an org at or under dealer-1");
  EXPECT_REFUSED(with_store("group"), 422, "invalid-batch");
  EXPECT_TRUE(host_.query("SELECT id FROM batches").empty());
}

TEST_F(Batches, MakingOneNeedsTheVerbManage) {
  EXPECT_EQ(host_
                .call("POST", "/v1/coupons/batches", batch_body(),
                      {.scopes = {"coupons:read", "coupons:issue"}})
                .status,
            403);
}

TEST_F(Batches, BelongsToTheOrgThatMadeIt) {
  const Response made = create("dealer-1", Json::object({{"stores", Json::array({"store-11"})}}));
  ASSERT_EQ(made.status, 201) << made.body;
  const Json batch = made.json();
  EXPECT_EQ(batch["org"].text(), "dealer-1");
  EXPECT_EQ(batch["valid_from"].text(), "2023-11-14T22:13:20.000Z");
  EXPECT_TRUE(batch["valid_until"].is_null());
  EXPECT_EQ(batch["stores"].dump(), R"(["store-11"])");
  EXPECT_EQ(batch["issued"].integer(), 0);
}

TEST_F(Batches, AreSeenAboveTheirStoresAndUnderThem) {
  const std::string id =
      new_batch("dealer-1", Json::object({{"stores", Json::array({"store-11"})}}));
  for (const char* org : {"group", "dealer-1", "store-11"}) {
    EXPECT_EQ(get(org, "/v1/coupons/batches/" + id).status, 200) << org;
    EXPECT_EQ(get(org, "/v1/coupons/batches").json()["items"].items().size(), 1u) << org;
  }
  for (const char* org : {"store-12", "dealer-2", "store-21"}) {
    EXPECT_REFUSED(get(org, "/v1/coupons/batches/" + id), 404, "not-found");
    EXPECT_TRUE(get(org, "/v1/coupons/batches").json()["items"].items().empty()) << org;
  }
}

TEST_F(Batches, WithoutStoresReachTheWholeBranch) {
  const std::string id = new_batch("dealer-1");
  EXPECT_EQ(get("store-12", "/v1/coupons/batches/" + id).status, 200);
  EXPECT_EQ(get("store-21", "/v1/coupons/batches/" + id).status, 404);
}

TEST_F(Batches, AreListedInPages) {
  for (int i = 0; i < 5; ++i) new_batch("group");
  std::string cursor;
  size_t seen = 0;
  for (int pages = 1; pages <= 3; ++pages) {
    const Json page = get("group", "/v1/coupons/batches?limit=2" + cursor).json();
    seen += page["items"].items().size();
    EXPECT_EQ(page["next_cursor"].is_null(), pages == 3);
    if (pages < 3) cursor = "&cursor=" + page["next_cursor"].text();
  }
  EXPECT_EQ(seen, 5u);
}

}  // namespace
