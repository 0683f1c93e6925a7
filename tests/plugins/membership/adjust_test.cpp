#include "scene.hpp"

namespace {

using fc::Json;

class Adjust : public Scene {
 protected:
  std::string id_ = new_member();
};

TEST_F(Adjust, WhatBreaksTheSchemaIsRefused) {
  const std::string target = "/v1/membership/members/" + id_ + "/adjustments";
  for (const char* body : {
           R"({"points":0,"reason":"r","source_id":"s"})",
           R"({"points":1.5,"reason":"r","source_id":"s"})",
           R"({"points":"5","reason":"r","source_id":"s"})",
           R"({"points":9223372036854775808,"reason":"r","source_id":"s"})",
           R"({"points":-9223372036854775808,"reason":"r","source_id":"s"})",
           R"({"points":5,"reason":"","source_id":"s"})",
           R"({"points":5,"reason":"r"})",
           R"({"points":5,"reason":"r","source_id":"s","points":6})",
           R"({"points":5,"reason":"r","source_id":"s","more":1})",
       }) {
    EXPECT_EQ(host_.call("POST", target, body).status, 400) << body;
  }
  EXPECT_EQ(points("openid-1"), 100);
}

TEST_F(Adjust, NeedsItsVerb) {
  EXPECT_EQ(
      host_
          .call("POST", "/v1/membership/members/" + id_ + "/adjustments",
                R"({"points":5,"reason":"r","source_id":"s"})", {.scopes = {"membership:read"}})
          .status,
      403);
}

TEST_F(Adjust, AnUnknownMemberIsNotFound) {
  EXPECT_REFUSED(adjust("group", "mem_none", 5, "s"), 404, "not-found");
}

TEST_F(Adjust, ABalanceNeverFallsBelowZero) {
  EXPECT_REFUSED(adjust("group", id_, -101, "s"), 409, "insufficient-points");
  EXPECT_REFUSED(adjust("group", id_, -INT64_MAX, "s"), 409, "insufficient-points");
  EXPECT_EQ(adjust("group", id_, -100, "s").status, 201);
  EXPECT_EQ(points("openid-1"), 0);
}

TEST_F(Adjust, PointsThatWouldNotFitAreRefused) {
  EXPECT_REFUSED(adjust("group", id_, INT64_MAX, "s"), 409, "points-overflow");
  EXPECT_EQ(adjust("group", id_, INT64_MAX - 100, "s").status, 201);
  EXPECT_REFUSED(adjust("group", id_, 1, "s-2"), 409, "points-overflow");
  EXPECT_EQ(points("openid-1"), INT64_MAX);
}

TEST_F(Adjust, ASourceWithAnotherBodyIsRefused) {
  EXPECT_EQ(adjust("group", id_, 5, "s").status, 201);
  EXPECT_REFUSED(adjust("group", id_, 6, "s"), 409, "source-id-reused");
  EXPECT_REFUSED(adjust("group", id_, 5, "s", "other"), 409, "source-id-reused");
  EXPECT_EQ(points("openid-1"), 105);
}

TEST_F(Adjust, ARefusedSourceMayBeTriedAgain) {
  EXPECT_EQ(adjust("group", id_, -101, "s").status, 409);
  EXPECT_EQ(adjust("group", id_, 50, "s-2").status, 201);
  EXPECT_EQ(adjust("group", id_, -101, "s").status, 201);
}

TEST_F(Adjust, OncePerSource) {
  const Response first = adjust("group", id_, 5, "s");
  host_.clock().advance_ms(1000);
  const Response again = adjust("group", id_, 5, "s");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(points("openid-1"), 105);
  EXPECT_EQ(count_events("membership.points.adjusted"), 1u);
}

TEST_F(Adjust, ASourceNamesOneAdjustmentOfEachMember) {
  const std::string other = new_member("openid-2");
  EXPECT_EQ(adjust("group", id_, 5, "s").status, 201);
  EXPECT_EQ(adjust("group", other, 6, "s").status, 201);
}

TEST_F(Adjust, APaymentsSourceIsNotAnAdjustments) {
  EXPECT_EQ(adjust("group", id_, 7, "wechat:first-of-openid-1").status, 201);
  EXPECT_EQ(points("openid-1"), 107);
}

TEST_F(Adjust, AnswersWithTheLedgersRow) {
  const Response made = adjust("store-11", id_, -30, "s", "exchanged");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json row = made.json();
  EXPECT_EQ(row["points"].integer(), -30);
  EXPECT_EQ(row["balance"].integer(), 70);
  EXPECT_EQ(row["reason"].text(), "exchanged");
  EXPECT_EQ(row["org"].text(), "store-11");
  const auto rows = get("group", "/v1/membership/members/" + id_ + "/ledger").json()["items"];
  EXPECT_EQ(rows.items().back().dump(), row.dump());
}

}  // namespace
