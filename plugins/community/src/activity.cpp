#include "activity.hpp"

#include <utility>
#include <vector>

#include "groups.hpp"

namespace community {
namespace {

struct CouponRedeemed {
  std::string code;
  std::optional<std::string> member_id;
  std::string store;
  std::string request_no;
  int64_t order_amount_fen = 0;
  int64_t discount_fen = 0;
  std::optional<std::string> redeemed_at;
};
FORECOURT_FIELDS(CouponRedeemed, code, member_id, store, request_no, order_amount_fen, discount_fen,
                 redeemed_at)

struct ActivityAnswer {
  std::string id;
  std::string at;
  std::string kind;
  std::string text;
  std::optional<std::string> member_id;
};
FORECOURT_FIELDS(ActivityAnswer, id, at, kind, text, member_id)

std::string yuan(int64_t fen) {
  const std::string cents = std::to_string(100 + fen % 100).substr(1);
  return std::to_string(fen / 100) + "." + cents;
}

std::string text_of(const CouponRedeemed& coupon) {
  return "Coupon " + coupon.code + " redeemed at " + coupon.store + ": " +
         yuan(coupon.discount_fen) + " off an order of " + yuan(coupon.order_amount_fen) + " yuan";
}

/// (group, its org)
std::vector<std::pair<std::string, std::string>> dedicated_groups(const fc::Call& call,
                                                                  const std::string& member_id) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const fc::Row row :
       call.query("SELECT id, org FROM chat_groups WHERE customer = $1 AND EXISTS "
                  "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
                  member_id)) {
    out.emplace_back(row.string(0), row.string(1));
  }
  return out;
}

}  // namespace

void note_redemption(fc::Call& call, const fc::Event& event) {
  const auto coupon = event.data_as<CouponRedeemed>();
  if (!coupon.member_id) return;
  // The member's group is where the member is served, which need not be where the coupon was
  // redeemed.
  if (const auto root = call.at_level(call.org(), "group"); root && *root != call.org())
    call.adopt(*root);
  const auto redeemed_ms = fc::parse_rfc3339(coupon.redeemed_at.value_or(""));
  for (const auto& [group, org] : dedicated_groups(call, *coupon.member_id)) {
    call.execute(
        "INSERT INTO activity (id, org, group_id, at, kind, text, member_id, source_id) "
        "SELECT $1, s.id, $3, $4, 'coupon-redeemed', $5, $6, $7 FROM fc_org s "
        "WHERE s.id = $2 AND s.ancestor = $fc_org ON CONFLICT (group_id, source_id) DO NOTHING",
        call.id("act"), org, group, redeemed_ms.value_or(call.now_ms()), text_of(coupon),
        *coupon.member_id, "coupons:" + coupon.code + ":" + coupon.request_no);
  }
}

fc::Reply list_activity(fc::Call& call) {
  const Group group = require_group(call, call.path("id"));
  auto page = fc::Page<ActivityAnswer>::of(call);
  const std::string_view before = page.after().empty() ? "~" : std::string_view(page.after());
  for (const fc::Row row :
       call.query("SELECT id, at, kind, text, member_id FROM activity WHERE group_id = $1 AND id < "
                  "$2 AND EXISTS "
                  "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org) ORDER BY id "
                  "DESC LIMIT $3",
                  group.id, before, page.fetch())) {
    ActivityAnswer activity{row.string(0), fc::rfc3339(row.integer(1)), row.string(2),
                            row.string(3), row.optional_string(4)};
    if (!page.add(std::move(activity), row.text(0))) break;
  }
  return fc::ok(page);
}

}  // namespace community
