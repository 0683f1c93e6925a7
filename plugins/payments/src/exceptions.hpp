#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "merchants.hpp"

namespace payments {

/// A genuine callback that credits nothing.
struct ExceptionCase {
  std::string_view reason;    ///< stable, for programs: "amount-mismatch"
  std::string_view about;     ///< the transaction, refund or event: one case is raised once
  std::string_view event_id;  ///< the callback that showed it
  std::string transaction_id;
  std::string out_trade_no;
  std::optional<int64_t> amount_fen;
  std::string detail;  ///< for people
};

/// Keeps the case and publishes payments.payment.exception; the same one again changes nothing. The
/// call acts for the merchant's org or one above it.
void raise_exception(const fc::Call& call, const Merchant& merchant, const ExceptionCase& what);

}  // namespace payments
