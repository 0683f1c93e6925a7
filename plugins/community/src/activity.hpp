#pragma once

#include <forecourt/cpp/plugin.hpp>

namespace community {

/// coupons.coupon.redeemed: tells the member's dedicated groups, once per redemption.
void note_redemption(fc::Call& call, const fc::Event& event);

fc::Reply list_activity(fc::Call& call);

}  // namespace community
