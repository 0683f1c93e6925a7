#include "unit/app/admin_fixture.hpp"

namespace forecourt::admin {
namespace {

using AdminAudit = AdminTest;

TEST_F(AdminAudit, IsForTheRootAlone) {
  make_org("brand-a", "group", "brand");
  const std::string credential = make_key("brand-a", R"(["*"])");
  for (const char* operation :
       {"list_audit", "check_audit", "list_plugins", "list_parked_events", "list_parked_jobs"}) {
    EXPECT_EQ(ask({.operation = operation,
                   .parameters = {{"subscriber", "x"}, {"plugin", "x"}},
                   .credential = credential})
                  .status,
              403)
        << operation;
  }
}

TEST_F(AdminAudit, NothingIsWrittenOfARefusal) {
  ask({.operation = "create_org",
       .body = R"({"id":"x","parent":"nowhere","kind":"store","name":"X"})"});
  const json::Document page = body_of(ask({.operation = "list_audit"}));
  EXPECT_EQ(json::find(page, "items")->Size(), 0u);
}

TEST_F(AdminAudit, TellsWhoDidWhat) {
  make_org("brand-a", "group", "brand");
  const std::string credential = make_key("brand-a", R"(["coupons:*"])");
  const http::Response listed = ask({.operation = "list_audit"});
  const json::Document page = body_of(listed);
  const json::Value& items = *json::find(page, "items");
  ASSERT_EQ(items.Size(), 2u);
  EXPECT_EQ(json::text(items[0], "action"), "key.create");
  EXPECT_EQ(json::text(items[1], "action"), "org.create");
  EXPECT_EQ(json::text(items[1], "subject"), "brand-a");
  EXPECT_EQ(json::text(items[1], "hash"), json::text(items[0], "prev_hash"));
  EXPECT_EQ(json::text(items[0], "actor"),
            directory_->snapshot()->authenticate(k_admin_credential)->id);
  EXPECT_EQ(listed.body.find(credential), std::string::npos) << "no secret in the audit";
}

TEST_F(AdminAudit, TheCheckFindsAChange) {
  make_org("brand-a", "group", "brand");
  make_org("brand-b", "group", "brand");
  EXPECT_NE(ask({.operation = "check_audit"}).body.find("\"intact\":true"), std::string::npos);
  ASSERT_TRUE(store_->lane()
                  .run_now([](storage::Session& session) -> Result<void> {
                    auto changed =
                        session.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 1");
                    if (!changed) return changed.error();
                    return {};
                  })
                  .ok());
  EXPECT_NE(ask({.operation = "check_audit"}).body.find("\"intact\":false"), std::string::npos);
}

}  // namespace
}  // namespace forecourt::admin
