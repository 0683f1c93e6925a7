#include "return.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

#include "coupon.hpp"
#include "terms.hpp"
#include "visibility.hpp"

namespace coupons {
namespace {

/// The answer to a return; also what the event says.
struct Returned {
  std::string code;
  std::string state;  ///< EFFECTIVE, or EXPIRED when its time is over
  std::string batch_id;
  std::string member_id;
  std::string store;  ///< where it had been redeemed
  std::string request_no;
  std::string redeem_request_no;
  int64_t discount_fen = 0;
  std::string returned_at;
};
FORECOURT_FIELDS(Returned, code, state, batch_id, member_id, store, request_no, redeem_request_no,
                 discount_fen, returned_at)

/// This org's earlier return under the request number.
std::optional<Returned> find_earlier(const fc::Call& call, std::string_view request_no) {
  const auto row = call.first(R"(
      SELECT t.code, t.state, c.batch_id, c.member_id, u.store, t.redeem_request_no, u.discount_fen,
             t.returned_at_ms
      FROM returns t
      JOIN coupons c ON c.code = t.code
      JOIN redemptions u ON u.org = t.redeemed_by AND u.request_no = t.redeem_request_no
      WHERE t.org = $fc_org AND t.request_no = $1)",
                              request_no);
  if (!row) return std::nullopt;
  return Returned{.code = row->string(0),
                  .state = row->string(1),
                  .batch_id = row->string(2),
                  .member_id = row->string(3),
                  .store = row->string(4),
                  .request_no = std::string(request_no),
                  .redeem_request_no = row->string(5),
                  .discount_fen = row->integer(6),
                  .returned_at = fc::rfc3339(row->integer(7))};
}

/// The use a coupon is in now.
struct Use {
  std::string by;
  Returned returned;
};

std::optional<Use> find_use(const fc::Call& call, std::string_view code,
                            std::string_view request_no) {
  const int64_t now = call.now_ms();
  const auto row = call.first(R"(
      SELECT c.batch_id, c.member_id, c.valid_until_ms, u.org, u.request_no, u.store, u.discount_fen
      FROM coupons c
      JOIN redemptions u ON u.org = c.used_by AND u.request_no = c.used_request_no
      WHERE c.code = $1 AND c.state = 'USED' AND )" COUPONS_VISIBLE("c.batch_id"),
                              code);
  if (!row) return std::nullopt;
  return Use{.by = row->string(3),
             .returned = {.code = std::string(code),
                          .state = std::string(state_at(now, "EFFECTIVE", row->integer(2))),
                          .batch_id = row->string(0),
                          .member_id = row->string(1),
                          .store = row->string(5),
                          .request_no = std::string(request_no),
                          .redeem_request_no = row->string(4),
                          .discount_fen = row->integer(6),
                          .returned_at = fc::rfc3339(now)}};
}

/// Undoes the use. Each statement is a condition that only the first return of a use meets.
void undo(const fc::Call& call, const Use& use) {
  const Returned& returned = use.returned;
  const int64_t now = call.now_ms();
  const int64_t coupon = call.execute(R"(
      UPDATE coupons SET state = 'EFFECTIVE', used_by = NULL, used_request_no = NULL
      WHERE code = $1 AND state = 'USED' AND used_by = $2 AND used_request_no = $3
        AND )" COUPONS_VISIBLE("coupons.batch_id"),
                                      returned.code, use.by, returned.redeem_request_no);
  const int64_t redemption = call.execute(R"(
      UPDATE redemptions SET returned_at_ms = $3
      WHERE org = $1 AND request_no = $2 AND returned_at_ms IS NULL
        AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = redemptions.store AND o.ancestor = $fc_org))",
                                          use.by, returned.redeem_request_no, now);
  const int64_t batch = call.execute(R"(
      UPDATE batches SET used = used - 1, discounted_fen = discounted_fen - $2
      WHERE id = $1 AND )" COUPONS_SAME_BRANCH("batches.org"),
                                     returned.batch_id, returned.discount_fen);
  if (coupon != 1 || redemption != 1 || batch != 1) {
    throw fc::Error(FC_E_CONFLICT, "the coupon changed meanwhile; try again");
  }
  call.execute(R"(
      INSERT INTO returns
        (org, request_no, code, state, redeemed_by, redeem_request_no, returned_at_ms)
      VALUES ($fc_org, $1, $2, $3, $4, $5, $6))",
               returned.request_no, returned.code, returned.state, use.by,
               returned.redeem_request_no, now);
}

}  // namespace

fc::Reply return_coupon(fc::Call& call, const ReturnRequest& request) {
  const std::string_view code = call.path("code");
  if (const auto earlier = find_earlier(call, request.request_no)) {
    if (earlier->code != code)
      fc::refuse(409, "request-no-reused", "request_no: was used for another return");
    return fc::ok(*earlier);
  }
  const auto use = find_use(call, code, request.request_no);
  if (!use) {
    if (!find_coupon(call, code)) refuse_unknown_code();
    fc::refuse(409, "coupon-not-used", "only a redeemed coupon can be returned, and each use once");
  }
  const Returned& returned = use->returned;
  if (!call.within(returned.store, call.org())) {
    fc::refuse(403, "store-not-allowed",
               "the coupon was redeemed at a store that is not this key's");
  }
  undo(call, *use);
  call.audit("coupon.return", code,
             fc::Json::object(
                 {{"request_no", returned.request_no}, {"discount_fen", returned.discount_fen}}));
  call.publish("coupons.coupon.returned", code, returned);
  return fc::ok(returned);
}

}  // namespace coupons
