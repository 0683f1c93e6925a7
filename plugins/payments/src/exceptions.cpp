#include "exceptions.hpp"

namespace payments {
namespace {

struct ExceptionEvent {
  std::string exception_id;
  std::string reason;
  std::string channel;
  std::string merchant_id;
  std::optional<std::string> transaction_id;
  std::optional<std::string> out_trade_no;
  std::optional<int64_t> amount_fen;
  std::string detail;
};
FORECOURT_FIELDS(ExceptionEvent, exception_id, reason, channel, merchant_id, transaction_id,
                 out_trade_no, amount_fen, detail)

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

void raise_exception(const fc::Call& call, const Merchant& merchant, const ExceptionCase& what) {
  ExceptionEvent event;
  event.exception_id = call.id("exc");
  event.reason = what.reason;
  event.channel = merchant.channel;
  event.merchant_id = merchant.id;
  event.transaction_id = unless_empty(what.transaction_id);
  event.out_trade_no = unless_empty(what.out_trade_no);
  event.amount_fen = what.amount_fen;
  event.detail = what.detail;
  const int64_t inserted = call.execute(
      "INSERT INTO exceptions (id, org, merchant_id, reason, about, event_id, transaction_id, "
      "out_trade_no, "
      "amount_fen, detail, created_at) "
      "SELECT $1, s.id, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM fc_org s "
      "WHERE s.id = $2 AND s.ancestor = $fc_org "
      "ON CONFLICT (merchant_id, reason, about) DO NOTHING",
      event.exception_id, merchant.org, merchant.id, what.reason, what.about, what.event_id,
      event.transaction_id, event.out_trade_no, event.amount_fen, what.detail, call.now_ms());
  if (inserted == 0) return;
  call.publish("payments.payment.exception", event.exception_id, event);
  call.log(FC_LOG_WARN, "payment exception",
           fc::Json::object({{"exception_id", event.exception_id}, {"reason", what.reason}}));
}

}  // namespace payments
