#pragma once

#include <forecourt/cpp/plugin.hpp>

namespace membership {

/// Lets the orgs a coupon is for see the member that holds it, within the branch of the member's
/// owner.
void see_coupon_holder(fc::Call& call, const fc::Event& event);

}  // namespace membership
