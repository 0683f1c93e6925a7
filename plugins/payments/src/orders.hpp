#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace payments {

/// What somebody is expected to pay. NOTPAY → SUCCESS → REFUND, or NOTPAY → CLOSED; never back.
struct Order {
  std::string merchant_id;
  std::string out_trade_no;
  int64_t amount_fen = 0;
  std::string state;
  bool registered = true;  ///< false: known only because somebody paid it
  std::optional<std::string> transaction_id;
  std::optional<std::string> payer_openid;
  int64_t paid_fen = 0;
  int64_t refunded_fen = 0;
  std::optional<std::string> paid_at;
  std::string created_at;
};
FORECOURT_FIELDS(Order, merchant_id, out_trade_no, amount_fen, state, registered, transaction_id,
                 payer_openid, paid_fen, refunded_fen, paid_at, created_at)

/// The order, when the call's org may see it.
std::optional<Order> find_order(const fc::Call& call, std::string_view merchant_id,
                                std::string_view out_trade_no);

struct NewOrder {
  std::string merchant_id;
  std::string out_trade_no;
  int64_t amount_fen = 0;
};
FORECOURT_FIELDS(NewOrder, merchant_id, out_trade_no, amount_fen)

struct CloseOrder {
  std::string merchant_id;
};
FORECOURT_FIELDS(CloseOrder, merchant_id)

fc::Reply create_order(fc::Call& call, const NewOrder& body);
fc::Reply get_order(fc::Call& call);
fc::Reply close_order(fc::Call& call, const CloseOrder& body);

}  // namespace payments
