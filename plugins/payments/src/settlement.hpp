#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <string_view>

#include "merchants.hpp"
#include "wechat_resource.hpp"

namespace payments {

/// A genuine transaction meets its order: it becomes a payment once, is held, or is raised as an
/// exception. Acts for the merchant's org.
void settle(const fc::Call& call, const Merchant& merchant, const wechat::Transaction& transaction,
            std::string_view event_id);

/// The order of a held payment was registered just now: the payment is real, or disagrees with it.
void settle_held_payment(const fc::Call& call, const Merchant& merchant,
                         std::string_view out_trade_no);

/// A person says that a held payment is one. Answers with the payment; a repeat answers the same.
fc::Reply release_held(fc::Call& call);

}  // namespace payments
