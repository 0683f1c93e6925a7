#include "scene.hpp"

namespace {

using fc::Json;

class Visibility : public Scene {
 protected:
  bool sees(const std::string& org, const std::string& openid = "openid-1") {
    const std::string id =
        host_.query("SELECT id FROM members WHERE openid = '" + openid + "'")[0][0].text();
    const bool shown = get(org, "/v1/membership/members/" + id).status == 200;
    EXPECT_EQ(members(org, openid).size(), shown ? 1u : 0u) << org;
    return shown;
  }
  void coupon_issued(const std::string& by, const std::string& batch_org, const Json& stores,
                     const std::string& member_id) {
    host_.publish_event("coupons.coupon.issued",
                        Json::object({{"code", "CODE"},
                                      {"batch_id", "bat_1"},
                                      {"member_id", member_id},
                                      {"org", batch_org},
                                      {"stores", stores},
                                      {"issued_at", "2023-11-14T22:13:20.000Z"},
                                      {"source_id", "s-1"}})
                            .dump(),
                        by, "CODE");
  }
};

TEST_F(Visibility, AStoreWhereItNeverPaidDoesNotSeeTheMember) {
  new_member();
  for (const char* org : {"store-12", "dealer-2", "store-21"}) EXPECT_FALSE(sees(org)) << org;
}

TEST_F(Visibility, TheOwnerTheStoreWhereItPaidAndThoseBetweenSeeTheMember) {
  new_member();
  for (const char* org : {"group", "dealer-1", "store-11"}) EXPECT_TRUE(sees(org)) << org;
}

TEST_F(Visibility, AnotherDealersStoreSeesTheMemberOnceItPaidThere) {
  host_.set_config("group", R"({"member_level":"dealer"})");
  new_member();
  EXPECT_FALSE(sees("store-21"));
  pay("store-21", "openid-1", "t-2", 100);
  EXPECT_TRUE(sees("store-21"));
  EXPECT_TRUE(sees("dealer-2"));
  EXPECT_EQ(member("openid-1")["org"].text(), "dealer-1") << "the owner stays";
  EXPECT_EQ(points("openid-1"), 101);
}

TEST_F(Visibility, ACouponForAStoreShowsItTheMember) {
  coupon_issued("group", "group", Json::array({"store-21"}), new_member());
  EXPECT_TRUE(sees("store-21"));
  EXPECT_TRUE(sees("dealer-2"));
  EXPECT_FALSE(sees("store-12"));
}

TEST_F(Visibility, ACouponForADealerShowsItsStoresTheMember) {
  coupon_issued("group", "group", Json::array({"dealer-2"}), new_member());
  EXPECT_TRUE(sees("store-21"));
}

TEST_F(Visibility, ACouponGoodEverywhereOpensNoMemberToEveryStore) {
  coupon_issued("group", "group", Json::array(), new_member());
  EXPECT_FALSE(sees("store-12"));
  EXPECT_FALSE(sees("store-21"));
}

TEST_F(Visibility, ACouponDoesNotReachOverTheOwnersBranch) {
  host_.set_config("group", R"({"member_level":"dealer"})");
  const std::string id = new_member();
  coupon_issued("store-21", "dealer-2", Json::array({"store-21"}), id);
  coupon_issued("group", "group", Json::array({"store-21", "store-12"}), id);
  EXPECT_FALSE(sees("store-21"));
  EXPECT_FALSE(sees("dealer-2"));
  EXPECT_TRUE(sees("store-12"));
}

TEST_F(Visibility, ACouponOfNobodyWeKnowIsPassedOver) {
  coupon_issued("group", "group", Json::array({"store-21"}), "mem_none");
  EXPECT_TRUE(host_.query("SELECT org FROM member_orgs").empty());
  EXPECT_TRUE(host_.parked().empty());
}

}  // namespace
