#include "coupon_issued.hpp"

#include <optional>
#include <string>
#include <vector>

#include "visibility.hpp"

namespace membership {
namespace {

struct CouponIssued {
  std::string member_id;
  std::string org;
  std::vector<std::string> stores;
};
FORECOURT_FIELDS(CouponIssued, member_id, org, stores)

std::optional<std::string> find_owner(const fc::Call& call, const std::string& member_id) {
  const auto row =
      call.first("SELECT m.org FROM members m WHERE m.id = $1 AND " MEMBER_SAME_BRANCH, member_id);
  return row ? std::optional(row->string(0)) : std::nullopt;
}

void let_see(const fc::Call& call, const std::string& member_id, std::string_view org,
             bool downward) {
  call.execute(R"(
      INSERT INTO member_orgs (member_id, org, downward, since_ms)
      SELECT m.id, $2, $3, $4 FROM members m WHERE m.id = $1 AND )" MEMBER_SAME_BRANCH R"(
      ON CONFLICT (member_id, org) DO UPDATE SET downward = 1
      WHERE excluded.downward = 1 AND member_orgs.downward = 0)",
               member_id, org, downward ? 1 : 0, call.now_ms());
}

}  // namespace

void see_coupon_holder(fc::Call& call, const fc::Event& event) {
  const auto coupon = event.data_as<CouponIssued>();
  // Coupons are issued to any id; those that are no member's, or another branch's, open nothing.
  const auto owner = find_owner(call, coupon.member_id);
  if (!owner) return;
  if (coupon.stores.empty()) {
    // Good everywhere under the batch's org: that org sees the member, but not each of its stores.
    if (call.within(coupon.org, *owner)) let_see(call, coupon.member_id, coupon.org, false);
    return;
  }
  for (const std::string& store : coupon.stores) {
    if (call.within(store, *owner)) let_see(call, coupon.member_id, store, true);
  }
}

}  // namespace membership
