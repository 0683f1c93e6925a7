#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <string>

namespace coupons {

struct RedeemRequest {
  std::string request_no;
  std::string store;
  int64_t order_amount_fen = 0;
};
FORECOURT_FIELDS(RedeemRequest, request_no, store, order_amount_fen)

fc::Reply redeem_coupon(fc::Call& call, const RedeemRequest& request);

}  // namespace coupons
