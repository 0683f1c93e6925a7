#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

using AdminOrgs = AdminTest;

TEST_F(AdminOrgs, RefusesWhatTheTreeDoesNotTake) {
  EXPECT_EQ(ask({.operation = "create_org",
                 .body = R"({"id":"x","parent":"nowhere","kind":"store","name":"X"})"})
                .status,
            404);
  EXPECT_EQ(ask({.operation = "create_org",
                 .body = R"({"id":"X!","parent":"group","kind":"store","name":"X"})"})
                .status,
            400);
  make_org("dealer-1", "group", "dealer");
  const http::Response taken =
      ask({.operation = "create_org",
           .body = R"({"id":"dealer-1","parent":"group","kind":"dealer","name":"X"})"});
  EXPECT_EQ(taken.status, 409);
  const http::Response higher =
      ask({.operation = "create_org",
           .body = R"({"id":"x","parent":"dealer-1","kind":"brand","name":"X"})"});
  EXPECT_EQ(higher.status, 400);
  EXPECT_NE(higher.body.find("\"at\":\"/kind\""), std::string::npos) << higher.body;
}

TEST_F(AdminOrgs, AKeyMakesOrgsBelowItsOwnOnly) {
  make_org("brand-a", "group", "brand");
  make_org("brand-b", "group", "brand");
  const std::string credential = make_key("brand-a", R"(["admin:orgs"])");
  const auto create = [&](const char* parent) {
    return ask({.operation = "create_org",
                .body = std::string(R"({"id":"s","parent":")") + parent +
                        R"(","kind":"store","name":"S"})",
                .credential = credential})
        .status;
  };
  EXPECT_EQ(create("group"), 403);
  EXPECT_EQ(create("brand-b"), 403);
  EXPECT_EQ(create("nowhere"), 403);
  EXPECT_EQ(create("brand-a"), 201);
}

TEST_F(AdminOrgs, AKeySeesItsOwnBranchOnly) {
  make_org("brand-a", "group", "brand");
  make_org("brand-b", "group", "brand");
  make_org("store-a", "brand-a", "store");
  const std::string credential = make_key("brand-a", R"(["admin:orgs"])");
  EXPECT_EQ(ids_of(ask({.operation = "list_orgs", .credential = credential})),
            (std::vector<std::string>{"brand-a", "store-a"}));
  for (const char* id : {"group", "brand-b", "nowhere"}) {
    EXPECT_EQ(
        ask({.operation = "get_org", .parameters = {{"id", id}}, .credential = credential}).status,
        404)
        << id;
  }
  EXPECT_EQ(
      ask({.operation = "get_org", .parameters = {{"id", "store-a"}}, .credential = credential})
          .status,
      200);
}

TEST_F(AdminOrgs, ANewOrgIsAnsweredWithWhatItInherits) {
  const http::Response made =
      ask({.operation = "create_org",
           .body = R"({"id":"store-1","parent":"group","kind":"store","name":"门店"})"});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(
      made.body,
      R"({"id":"store-1","parent":"group","kind":"store","name":"门店","timezone":"Asia/Shanghai"})");
  EXPECT_EQ(ask({.operation = "get_org", .parameters = {{"id", "store-1"}}}).body, made.body);
}

TEST_F(AdminOrgs, PagesHoldEveryOrgOnce) {
  for (int i = 0; i < 7; ++i) make_org("store-" + std::to_string(i), "group", "store");
  std::vector<std::string> seen;
  std::string cursor;
  for (int page = 0; page < 10; ++page) {
    std::vector<std::pair<std::string, std::string>> parameters = {{"limit", "3"}};
    if (!cursor.empty()) parameters.emplace_back("cursor", cursor);
    const http::Response answer = ask({.operation = "list_orgs", .parameters = parameters});
    for (const std::string& id : ids_of(answer)) seen.push_back(id);
    cursor = text_of(answer, "next_cursor");
    if (cursor.empty()) break;
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"group", "store-0", "store-1", "store-2", "store-3",
                                            "store-4", "store-5", "store-6"}));
}

TEST_F(AdminOrgs, TheChildrenOfAnOrgCanBeAskedFor) {
  make_org("brand-a", "group", "brand");
  make_org("store-a", "brand-a", "store");
  EXPECT_EQ(ids_of(ask({.operation = "list_orgs", .parameters = {{"parent", "brand-a"}}})),
            (std::vector<std::string>{"store-a"}));
}

}  // namespace
}  // namespace forecourt::admin
