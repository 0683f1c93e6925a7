#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace coupons {

/// What a coupon takes off an order. Amounts are fen, never negative.
struct Terms {
  std::string kind;  ///< NORMAL, DISCOUNT or EXCHANGE
  int64_t threshold_fen = 0;
  std::optional<int64_t> amount_fen;   ///< NORMAL: the amount; EXCHANGE: the most it covers
  std::optional<int64_t> percent_off;  ///< DISCOUNT: 20 means 20% off
};

/// The discount for an order at or above the threshold; never more than the order:
///   NORMAL    the amount, at most the order;
///   DISCOUNT  percent_off of the order, rounded down to the fen;
///   EXCHANGE  the order, at most the amount when there is one.
int64_t discount_of(const Terms& terms, int64_t order_amount_fen);

/// When a batch's coupons may be used: until a date, or a number of days from receipt.
struct Validity {
  int64_t from_ms = 0;
  std::optional<int64_t> until_ms;
  std::optional<int64_t> days;
};

/// The first moment a coupon received at `received_ms` can no longer be used. A day is 24 hours.
int64_t valid_until(const Validity& validity, int64_t received_ms);

/// The state clients see: `stored` (EFFECTIVE or USED), or EXPIRED.
std::string_view state_at(int64_t now_ms, std::string_view stored, int64_t valid_until_ms);

}  // namespace coupons
