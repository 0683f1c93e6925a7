#include "terms.hpp"

#include <algorithm>

namespace coupons {

int64_t discount_of(const Terms& terms, int64_t order_amount_fen) {
  if (terms.kind == "DISCOUNT") {
    const int64_t percent = terms.percent_off.value_or(0);
    // Hundreds and rest apart: the product of amount and percentage may not fit.
    return order_amount_fen / 100 * percent + order_amount_fen % 100 * percent / 100;
  }
  return std::min(terms.amount_fen.value_or(order_amount_fen), order_amount_fen);
}

int64_t valid_until(const Validity& validity, int64_t received_ms) {
  constexpr int64_t k_day_ms = 86'400'000;
  return validity.until_ms ? *validity.until_ms
                           : received_ms + validity.days.value_or(0) * k_day_ms;
}

std::string_view state_at(int64_t now_ms, std::string_view stored, int64_t valid_until_ms) {
  return stored == "EFFECTIVE" && now_ms >= valid_until_ms ? "EXPIRED" : stored;
}

}  // namespace coupons
