#pragma once

#include <forecourt/cpp/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// What a decrypted resource says, in one shape for direct merchants and for service-provider mode.
namespace payments::wechat {

/// A transaction. Texts that are absent or unusable are empty, amounts nullopt.
struct Transaction {
  std::string transaction_id;
  std::string out_trade_no;
  std::string trade_state;
  std::string mchid;   ///< who gets the money: `mchid`, or `sub_mchid` in service-provider mode
  std::string appid;   ///< of several, the merchant's own when it is among them
  std::string openid;  ///< the payer's under that appid; not every kind of trade has one
  std::string currency;
  std::optional<int64_t> amount_fen;  ///< amount.total
  std::optional<int64_t> success_ms;

  /// Whether it can be met with an order at all.
  bool complete() const;
};
Transaction read_transaction(const fc::Json& resource, std::string_view merchant_appid);

struct Refund {
  std::string mchid;
  std::string refund_id;
  std::string out_refund_no;
  std::string transaction_id;
  std::string out_trade_no;
  std::string status;                 ///< SUCCESS, ABNORMAL or CLOSED; others are kept as they are
  std::optional<int64_t> amount_fen;  ///< amount.refund
  std::optional<int64_t> success_ms;

  bool complete() const;
};
Refund read_refund(const fc::Json& resource);

}  // namespace payments::wechat
