#pragma once

#include <forecourt/cpp/plugin.hpp>

namespace coupons {

/// A new member gets a coupon of the batch the setting `welcome_batch` names where it was enrolled,
/// once.
void welcome_member(fc::Call& call, const fc::Event& event);

}  // namespace coupons
