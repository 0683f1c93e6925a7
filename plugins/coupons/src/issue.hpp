#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <string>
#include <string_view>
#include <variant>

#include "coupon.hpp"

namespace coupons {

struct IssueRequest {
  std::string member_id;
  std::string source_id;
};
FORECOURT_FIELDS(IssueRequest, member_id, source_id)

/// Why no coupon was issued; nothing was written.
struct NotIssued {
  int status;
  std::string_view code;
  std::string_view detail;
};

/// Issues a coupon of a batch the call's org may see, once per source id of the batch: a repeat
/// finds the same coupon. Publishes coupons.coupon.issued for a new one.
std::variant<Coupon, NotIssued> issue(const fc::Call& call, std::string_view batch_id,
                                      const IssueRequest& request);

fc::Reply issue_coupon(fc::Call& call, const IssueRequest& request);

}  // namespace coupons
