#include "redeem.hpp"

#include <optional>
#include <string_view>

#include "coupon.hpp"
#include "terms.hpp"
#include "visibility.hpp"

namespace coupons {
namespace {

/// The answer to a redemption; also what the event says.
struct Redemption {
  std::string code;
  std::string state = "USED";
  std::string batch_id;
  std::string member_id;
  std::string store;
  std::string request_no;
  int64_t order_amount_fen = 0;
  int64_t discount_fen = 0;
  std::string kind;
  std::string redeemed_at;
};
FORECOURT_FIELDS(Redemption, code, state, batch_id, member_id, store, request_no, order_amount_fen,
                 discount_fen, kind, redeemed_at)

struct CouponRedeemed {
  const Redemption& of;
};

template <class Visitor>
void fc_visit_fields(Visitor& visitor, const CouponRedeemed& event) {
  visitor("code", event.of.code);
  visitor("batch_id", event.of.batch_id);
  visitor("member_id", event.of.member_id);
  visitor("store", event.of.store);
  visitor("request_no", event.of.request_no);
  visitor("order_amount_fen", event.of.order_amount_fen);
  visitor("discount_fen", event.of.discount_fen);
  visitor("kind", event.of.kind);
  visitor("redeemed_at", event.of.redeemed_at);
}

/// `store` is one of the call's own and one the batch reaches; so the call's org sees the coupon,
/// too.
#define STORE_MAY_REDEEM(store)                        \
  "EXISTS (SELECT 1 FROM fc_org o WHERE o.id = " store \
  " AND o.ancestor = $fc_org)"                         \
  " AND EXISTS (SELECT 1 FROM batch_reach r"           \
  " JOIN fc_org o ON o.id = " store " AND o.ancestor = r.org WHERE r.batch_id = c.batch_id)"

/// Takes the coupon, if this store may and nobody has: one conditional statement decides every
/// race.
std::optional<Redemption> take(const fc::Call& call, std::string_view code,
                               const RedeemRequest& request) {
  const int64_t now = call.now_ms();
  const auto row =
      call.first(R"(
      UPDATE coupons AS c SET state = 'USED', used_by = $fc_org, used_request_no = $2
      WHERE c.code = $1 AND c.state = 'EFFECTIVE'
        AND c.valid_from_ms <= $3 AND c.valid_until_ms > $3 AND c.threshold_fen <= $4
        AND )" STORE_MAY_REDEEM("$5") R"(
      RETURNING batch_id, member_id, kind, threshold_fen, amount_fen, percent_off)",
                 code, request.request_no, now, request.order_amount_fen, request.store);
  if (!row) return std::nullopt;
  const Terms terms{row->string(2), row->integer(3), row->optional_integer(4),
                    row->optional_integer(5)};
  return Redemption{.code = std::string(code),
                    .batch_id = row->string(0),
                    .member_id = row->string(1),
                    .store = request.store,
                    .request_no = request.request_no,
                    .order_amount_fen = request.order_amount_fen,
                    .discount_fen = discount_of(terms, request.order_amount_fen),
                    .kind = terms.kind,
                    .redeemed_at = fc::rfc3339(now)};
}

/// False when this org has used the request number before.
bool record(const fc::Call& call, const Redemption& redemption) {
  return call.execute(R"(
             INSERT INTO redemptions
               (org, request_no, code, store, order_amount_fen, discount_fen, redeemed_at_ms)
             VALUES ($fc_org, $1, $2, $3, $4, $5, $6)
             ON CONFLICT (org, request_no) DO NOTHING)",
                      redemption.request_no, redemption.code, redemption.store,
                      redemption.order_amount_fen, redemption.discount_fen, call.now_ms()) == 1;
}

void count_use(const fc::Call& call, const Redemption& redemption) {
  // The sum of discounts must stay a number the database can hold.
  const int64_t counted = call.execute(R"(
      UPDATE batches SET used = used + 1, discounted_fen = discounted_fen + $2
      WHERE id = $1 AND discounted_fen <= 9223372036854775807 - $2
        AND )" COUPONS_SAME_BRANCH("batches.org"),
                                       redemption.batch_id, redemption.discount_fen);
  if (counted != 1)
    fc::refuse(409, "budget-overflow", "the batch's discounts would no longer fit 64 bits");
}

/// What this org's request number was used for, if it was.
struct Recorded {
  Redemption answer;
  bool same_request = false;
};

std::optional<Recorded> find_recorded(const fc::Call& call, std::string_view code,
                                      const RedeemRequest& request) {
  const auto row = call.first(R"(
      SELECT u.code, c.batch_id, c.member_id, u.store, u.order_amount_fen, u.discount_fen, c.kind,
             u.redeemed_at_ms
      FROM redemptions u JOIN coupons c ON c.code = u.code
      WHERE u.org = $fc_org AND u.request_no = $1)",
                              request.request_no);
  if (!row) return std::nullopt;
  Redemption answer{.code = row->string(0),
                    .batch_id = row->string(1),
                    .member_id = row->string(2),
                    .store = row->string(3),
                    .request_no = request.request_no,
                    .order_amount_fen = row->integer(4),
                    .discount_fen = row->integer(5),
                    .kind = row->string(6),
                    .redeemed_at = fc::rfc3339(row->integer(7))};
  const bool same = answer.code == code && answer.store == request.store &&
                    answer.order_amount_fen == request.order_amount_fen;
  return Recorded{std::move(answer), same};
}

/// The answer to a request number that was used before: the first one again, or a refusal.
fc::Reply answer_again(const Recorded& recorded) {
  if (!recorded.same_request) {
    return fc::problem(409, "request-no-reused", "request_no: was used for another redemption");
  }
  return fc::ok(recorded.answer);
}

bool store_may_redeem(const fc::Call& call, std::string_view code, std::string_view store) {
  return static_cast<bool>(call.first(
      "SELECT 1 FROM coupons c WHERE c.code = $1 AND " STORE_MAY_REDEEM("$2"), code, store));
}

/// Why `take` took nothing.
fc::Reply explain(const fc::Call& call, std::string_view code, const RedeemRequest& request) {
  if (const auto recorded = find_recorded(call, code, request)) return answer_again(*recorded);
  const auto coupon = find_coupon(call, code);
  if (!coupon) refuse_unknown_code();
  if (!store_may_redeem(call, code, request.store)) {
    return fc::problem(403, "store-not-allowed",
                       "store: this coupon cannot be redeemed there by this key");
  }
  if (coupon->state == "USED") {
    return fc::problem(409, "coupon-used", "the coupon has been redeemed");
  }
  if (coupon->state == "EXPIRED") {
    return fc::problem(409, "coupon-expired", "the coupon was valid until " + coupon->valid_until);
  }
  if (request.order_amount_fen < coupon->threshold_fen) {
    return fc::problem(409, "below-threshold",
                       "order_amount_fen: the coupon asks for " +
                           std::to_string(coupon->threshold_fen) + " or more");
  }
  return fc::problem(409, "coupon-not-yet-valid", "the coupon is valid from " + coupon->valid_from);
}

/// Undoes `take` of this very call.
void put_back(const fc::Call& call, std::string_view code) {
  call.execute(R"(
      UPDATE coupons SET state = 'EFFECTIVE', used_by = NULL, used_request_no = NULL
      WHERE code = $1 AND used_by = $fc_org)",
               code);
}

}  // namespace

fc::Reply redeem_coupon(fc::Call& call, const RedeemRequest& request) {
  const std::string_view code = call.path("code");
  const auto redemption = take(call, code, request);
  if (!redemption) return explain(call, code, request);
  if (!record(call, *redemption)) {
    // The number was used before and its coupon is free, returned or another: the first answer
    // stands.
    put_back(call, code);
    return explain(call, code, request);
  }
  count_use(call, *redemption);
  call.publish("coupons.coupon.redeemed", code, CouponRedeemed{*redemption});
  return fc::ok(*redemption);
}

}  // namespace coupons
