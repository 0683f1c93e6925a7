#include "scene.hpp"

namespace {

using fc::Json;

class Ledger : public Scene {};

TEST_F(Ledger, AnUnknownMemberIsNotFound) {
  EXPECT_REFUSED(get("group", "/v1/membership/members/mem_none/ledger"), 404, "not-found");
}

TEST_F(Ledger, LimitsBeyondAHundredAreRefused) {
  const std::string id = new_member();
  for (const char* limit : {"0", "101", "-1", "x", "1.5"}) {
    EXPECT_EQ(get("group", "/v1/membership/members/" + id + "/ledger?limit=" + limit).status, 400)
        << limit;
  }
}

TEST_F(Ledger, ACursorThatIsNotOursIsRefused) {
  const std::string id = new_member();
  EXPECT_EQ(get("group", "/v1/membership/members/" + id + "/ledger?cursor=a2Fi").status, 400);
}

TEST_F(Ledger, ItsPagesSumToTheBalance) {
  const std::string id = new_member();
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(adjust("group", id, i % 2 ? 7 : -3, "s-" + std::to_string(i)).status, 201);
  }
  int64_t sum = 0;
  size_t rows = 0;
  std::string cursor;
  do {
    const Json page =
        get("group", "/v1/membership/members/" + id + "/ledger?limit=4" + cursor).json();
    for (const Json& row : page["items"].items()) {
      sum += row["points"].integer();
      ++rows;
      EXPECT_EQ(row["balance"].integer(), sum) << "oldest first";
    }
    cursor = page["next_cursor"].is_null() ? "" : "&cursor=" + page["next_cursor"].text();
  } while (!cursor.empty());
  EXPECT_EQ(rows, 10u);
  EXPECT_EQ(sum, points("openid-1"));
}

TEST_F(Ledger, APaymentIsARowNamedAfterItsTransaction) {
  pay("store-11", "openid-1", "t-1", 10'000);
  const Json row =
      get("group", "/v1/membership/members/" + member("openid-1")["id"].text() + "/ledger")
          .json()["items"]
          .items()
          .at(0);
  EXPECT_EQ(row["kind"].text(), "payment");
  EXPECT_EQ(row["source_id"].text(), "wechat:t-1");
  EXPECT_EQ(row["org"].text(), "store-11");
}

}  // namespace
