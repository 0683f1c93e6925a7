#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coupons {

/// A coupon as clients see it. The last five are of the use that holds while it is USED.
struct Coupon {
  std::string code;
  std::string state;
  std::string batch_id;
  std::string member_id;
  std::string source_id;
  std::string kind;
  int64_t threshold_fen = 0;
  std::optional<int64_t> amount_fen;
  std::optional<int64_t> percent_off;
  std::string valid_from;
  std::string valid_until;
  std::string issued_at;
  std::optional<std::string> store;
  std::optional<std::string> request_no;
  std::optional<int64_t> order_amount_fen;
  std::optional<int64_t> discount_fen;
  std::optional<std::string> redeemed_at;
};
FORECOURT_FIELDS(Coupon, code, state, batch_id, member_id, source_id, kind, threshold_fen,
                 amount_fen, percent_off, valid_from, valid_until, issued_at, store, request_no,
                 order_amount_fen, discount_fen, redeemed_at)

/// The coupon, when the call's org may see it.
std::optional<Coupon> find_coupon(const fc::Call& call, std::string_view code);

/// The one answer for a code that is unknown and for one this org may not see.
[[noreturn]] void refuse_unknown_code();

fc::Reply get_coupon(fc::Call& call);
fc::Reply list_coupons(fc::Call& call);

}  // namespace coupons
