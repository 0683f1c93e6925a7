#pragma once

#include <forecourt/cpp/plugin.hpp>

namespace membership {

/// 支付即会员: enrols who paid, lets the paying org see the member, credits the payment's points
/// once.
void credit_payment(fc::Call& call, const fc::Event& event);

}  // namespace membership
