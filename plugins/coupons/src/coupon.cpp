#include "coupon.hpp"

#include <charconv>

#include "terms.hpp"
#include "visibility.hpp"

namespace coupons {
namespace {

#define COUPON_SELECT                                                                         \
  "SELECT c.code, c.state, c.batch_id, c.member_id, c.source_id, c.kind, c.threshold_fen,"    \
  " c.amount_fen, c.percent_off, c.valid_from_ms, c.valid_until_ms, c.issued_at_ms, u.store," \
  " u.request_no, u.order_amount_fen, u.discount_fen, u.redeemed_at_ms FROM coupons c"        \
  " LEFT JOIN redemptions u ON u.org = c.used_by AND u.request_no = c.used_request_no "

constexpr uint32_t k_issued_at = 11;

Coupon coupon_of(const fc::Row& row, int64_t now_ms) {
  const int64_t until = row.integer(10);
  return {
      .code = row.string(0),
      .state = std::string(state_at(now_ms, row.text(1), until)),
      .batch_id = row.string(2),
      .member_id = row.string(3),
      .source_id = row.string(4),
      .kind = row.string(5),
      .threshold_fen = row.integer(6),
      .amount_fen = row.optional_integer(7),
      .percent_off = row.optional_integer(8),
      .valid_from = fc::rfc3339(row.integer(9)),
      .valid_until = fc::rfc3339(until),
      .issued_at = fc::rfc3339(row.integer(k_issued_at)),
      .store = row.optional_string(12),
      .request_no = row.optional_string(13),
      .order_amount_fen = row.optional_integer(14),
      .discount_fen = row.optional_integer(15),
      .redeemed_at = row.is_null(16) ? std::nullopt : std::optional(fc::rfc3339(row.integer(16)))};
}

/// Where a list goes on: the time and code of the last coupon shown.
struct Position {
  int64_t issued_at_ms = INT64_MIN;
  std::string code;

  static Position of(std::string_view key) {
    Position position;
    if (key.empty()) return position;
    const auto end =
        std::from_chars(key.data(), key.data() + key.size(), position.issued_at_ms).ptr;
    const size_t digits = static_cast<size_t>(end - key.data());
    if (digits == 0 || digits == key.size() || *end != ':') {
      fc::refuse(400, "invalid-parameter",
                 "cursor: is not one this API gave out; leave it out to start over");
    }
    position.code = key.substr(digits + 1);
    return position;
  }
};

}  // namespace

std::optional<Coupon> find_coupon(const fc::Call& call, std::string_view code) {
  const auto row =
      call.first(COUPON_SELECT "WHERE c.code = $1 AND " COUPONS_VISIBLE("c.batch_id"), code);
  return row ? std::optional(coupon_of(*row, call.now_ms())) : std::nullopt;
}

void refuse_unknown_code() { fc::refuse(404, "not-found", "no such coupon"); }

fc::Reply get_coupon(fc::Call& call) {
  const auto coupon = find_coupon(call, call.path("code"));
  if (!coupon) refuse_unknown_code();
  return fc::ok(*coupon);
}

fc::Reply list_coupons(fc::Call& call) {
  auto page = fc::Page<Coupon>::of(call);
  const Position after = Position::of(page.after());
  for (const fc::Row row : call.query(COUPON_SELECT R"(
           WHERE c.member_id = $1 AND (c.issued_at_ms, c.code) > ($2, $3)
             AND )" COUPONS_VISIBLE("c.batch_id") R"(
           ORDER BY c.issued_at_ms, c.code LIMIT $4)",
                                      call.query_parameter("member_id").value_or(""),
                                      after.issued_at_ms, after.code, page.fetch())) {
    const std::string key = std::to_string(row.integer(k_issued_at)) + ":" + row.string(0);
    if (!page.add(coupon_of(row, call.now_ms()), key)) break;
  }
  return fc::ok(page);
}

}  // namespace coupons
