#include "scene.hpp"

namespace {

using fc::Json;

class Isolation : public Scene {};

TEST_F(Isolation, NoOperationSeesOrTouchesAForeignOrgsRows) {
  const std::string id = new_member();
  const auto everything = [&] {
    std::string rows;
    for (const char* table : {"members", "member_orgs", "ledger"}) {
      for (const auto& row : host_.query("SELECT * FROM " + std::string(table))) {
        for (const Json& value : row) rows += value.dump() + " ";
      }
    }
    return rows;
  };
  const std::string before = everything();
  const std::string unknown = get("store-21", "/v1/membership/members/mem_none").body;
  for (const std::string org : {"store-12", "dealer-2", "store-21"}) {
    EXPECT_EQ(members(org, "openid-1").size(), 0u);
    EXPECT_TRUE(get(org, "/v1/membership/members").json()["items"].items().empty());
    const Response shown = get(org, "/v1/membership/members/" + id);
    EXPECT_EQ(shown.status, 404);
    EXPECT_EQ(shown.body, unknown);
    EXPECT_EQ(get(org, "/v1/membership/members/" + id + "/ledger").status, 404);
    EXPECT_REFUSED(adjust(org, id, 5, "s"), 404, "not-found");
    EXPECT_REFUSED(adjust(org, id, -5, "s"), 404, "not-found");
  }
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(count_events("membership.points.adjusted"), 0u);
}

}  // namespace
