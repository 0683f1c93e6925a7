#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <string_view>

#include "lists.hpp"
#include "merchants.hpp"
#include "wechat_resource.hpp"

namespace payments {

/// A genuine REFUND.* callback: kept once per refund, applied to its payment. One that comes before
/// its payment waits for it. Acts for the merchant's org.
void receive_refund(const fc::Call& call, const Merchant& merchant, const wechat::Refund& refund,
                    std::string_view event_id);

/// The payment was verified just now: refunds that came before it are applied.
void apply_waiting_refunds(const fc::Call& call, const Payment& payment);

}  // namespace payments
