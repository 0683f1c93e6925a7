#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace payments {

/// A genuine transaction on record. Only a verified one counts as money.
struct Payment {
  std::string id;
  std::string org;
  std::string merchant_id;
  std::string channel;
  std::string transaction_id;
  std::string out_trade_no;
  std::string mchid;
  std::string appid;
  std::optional<std::string> openid;
  int64_t amount_fen = 0;
  int64_t refunded_fen = 0;
  std::string state;  ///< verified, held, or refused: held first, then its order disagreed
  bool order_known = false;
  std::string success_time;
  std::string created_at;
  std::optional<std::string> released_at;
};
FORECOURT_FIELDS(Payment, id, org, merchant_id, channel, transaction_id, out_trade_no, mchid, appid,
                 openid, amount_fen, refunded_fen, state, order_known, success_time, created_at,
                 released_at)

/// Each only when the call's org may see it.
std::optional<Payment> find_payment(const fc::Call& call, std::string_view id);
std::optional<Payment> find_held(const fc::Call& call, std::string_view merchant_id,
                                 std::string_view out_trade_no);
std::optional<Payment> find_verified(const fc::Call& call, std::string_view channel,
                                     std::string_view transaction_id);

fc::Reply list_payments(fc::Call& call);
fc::Reply list_held(fc::Call& call);
fc::Reply list_refunds(fc::Call& call);
fc::Reply list_exceptions(fc::Call& call);

}  // namespace payments
