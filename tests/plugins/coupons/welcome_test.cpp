#include "scene.hpp"

namespace {

using fc::Json;

class Welcome : public Scene {
 protected:
  void enrol(const std::string& member, const std::string& org) {
    host_.publish_event("membership.member.enrolled",
                        Json::object({{"member_id", member},
                                      {"openid", "o-1"},
                                      {"appid", "wx-1"},
                                      {"org", "group"},
                                      {"enrolled_at", "2023-11-14T22:13:20.000Z"},
                                      {"payment_id", "pay_1"}})
                            .dump(),
                        org, member);
  }
  void set_welcome(const std::string& org, const Json& batch) {
    host_.set_config(org, Json::object({{"welcome_batch", batch}}).dump());
  }
  size_t coupons_of(const std::string& member) {
    return get("group", "/v1/coupons/coupons?member_id=" + member).json()["items"].items().size();
  }
};

TEST_F(Welcome, WithoutTheSettingNobodyGetsOne) {
  new_batch("group");
  enrol("mem_1", "store-11");
  EXPECT_EQ(coupons_of("mem_1"), 0u);
  EXPECT_TRUE(host_.parked().empty());
}

TEST_F(Welcome, ABatchThatIsUnknownEmptyOrForeignHoldsNobodyUp) {
  set_welcome("group", "bat_none");
  enrol("mem_1", "store-11");
  const std::string small = new_batch("group", Json::object({{"total", 1}}));
  set_welcome("group", small);
  enrol("mem_2", "store-11");
  enrol("mem_3", "store-11");
  set_welcome("group", new_batch("dealer-2"));
  enrol("mem_4", "store-11");
  EXPECT_EQ(coupons_of("mem_1"), 0u);
  EXPECT_EQ(coupons_of("mem_2"), 1u);
  EXPECT_EQ(coupons_of("mem_3"), 0u);
  EXPECT_EQ(coupons_of("mem_4"), 0u);
  EXPECT_EQ(batch(small)["issued"].integer(), 1);
  EXPECT_TRUE(host_.parked().empty());
}

TEST_F(Welcome, IsIssuedOnceAMember) {
  const std::string id = new_batch("group");
  set_welcome("group", id);
  enrol("mem_1", "store-11");
  enrol("mem_1", "store-11");
  EXPECT_EQ(coupons_of("mem_1"), 1u);
  EXPECT_EQ(batch(id)["issued"].integer(), 1);
  EXPECT_EQ(host_.query("SELECT source_id FROM coupons")[0][0].text(), "welcome:mem_1");
}

TEST_F(Welcome, EachOrgMayNameItsOwnBatch) {
  set_welcome("group", new_batch("group"));
  const std::string local = new_batch("dealer-2");
  set_welcome("dealer-2", local);
  enrol("mem_1", "store-21");
  EXPECT_EQ(coupons_of("mem_1"), 1u);
  EXPECT_EQ(batch(local)["issued"].integer(), 1);
}

}  // namespace
