#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <string>

namespace coupons {

struct ReturnRequest {
  std::string request_no;
};
FORECOURT_FIELDS(ReturnRequest, request_no)

fc::Reply return_coupon(fc::Call& call, const ReturnRequest& request);

}  // namespace coupons
