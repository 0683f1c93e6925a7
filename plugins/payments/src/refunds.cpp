#include "refunds.hpp"

#include <vector>

#include "exceptions.hpp"

namespace payments {
namespace {

/// payments.refund.succeeded, .abnormal and .closed.
struct RefundEvent {
  std::string id;
  std::string refund_id;
  std::string out_refund_no;
  std::string payment_id;
  std::string channel;
  std::string merchant_id;
  std::string transaction_id;
  std::string out_trade_no;
  int64_t refund_fen = 0;
  int64_t amount_fen = 0;
  std::optional<std::string> success_time;
};
FORECOURT_FIELDS(RefundEvent, id, refund_id, out_refund_no, payment_id, channel, merchant_id,
                 transaction_id, out_trade_no, refund_fen, amount_fen, success_time)

struct KeptRefund {
  std::string id;
  std::string merchant_id;
  std::string refund_id;
  std::string out_refund_no;
  int64_t amount_fen = 0;
  std::string state;
  std::optional<int64_t> success_ms;
};

std::string_view event_type(const KeptRefund& refund) {
  if (refund.state == "SUCCESS") return "payments.refund.succeeded";
  return refund.state == "CLOSED" ? "payments.refund.closed" : "payments.refund.abnormal";
}

/// The new state of the row, when there is news: a refund that succeeded or was closed stays so;
/// one that went wrong may still do either. nullopt: known already.
std::optional<KeptRefund> keep(const fc::Call& call, const Merchant& merchant,
                               const wechat::Refund& refund) {
  const int64_t changed = call.execute(
      "INSERT INTO refunds (merchant_id, refund_id, org, id, out_refund_no, transaction_id, "
      "out_trade_no, "
      "amount_fen, state, success_time, created_at) "
      "SELECT $1, $2, s.id, $4, $5, $6, $7, $8, $9, $10, $11 FROM fc_org s "
      "WHERE s.id = $3 AND s.ancestor = $fc_org "
      "ON CONFLICT (merchant_id, refund_id) DO UPDATE SET state = excluded.state, "
      "success_time = excluded.success_time WHERE refunds.state = 'ABNORMAL' "
      "AND excluded.state <> 'ABNORMAL' AND refunds.transaction_id = excluded.transaction_id "
      "AND refunds.amount_fen = excluded.amount_fen",
      merchant.id, refund.refund_id, merchant.org, call.id("ref"), refund.out_refund_no,
      refund.transaction_id, refund.out_trade_no, *refund.amount_fen, refund.status,
      refund.success_ms, call.now_ms());
  if (changed == 0) return std::nullopt;
  const auto row = call.first(
      "SELECT id FROM refunds WHERE merchant_id = $1 AND refund_id = $2 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      merchant.id, refund.refund_id);
  return KeptRefund{row->string(0),     merchant.id,   refund.refund_id, refund.out_refund_no,
                    *refund.amount_fen, refund.status, refund.success_ms};
}

/// Money goes back: never more than was paid. False when it would be.
bool subtract(const fc::Call& call, const Payment& payment, int64_t amount_fen) {
  const int64_t changed = call.execute(
      "UPDATE payments SET refunded_fen = refunded_fen + $2 WHERE id = $1 AND refunded_fen + $2 <= "
      "amount_fen "
      "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      payment.id, amount_fen);
  if (changed == 0) return false;
  call.execute(
      "UPDATE orders SET state = 'REFUND', refunded_fen = refunded_fen + $4 WHERE merchant_id = $1 "
      "AND out_trade_no = $2 AND transaction_id = $3 AND state IN ('SUCCESS', 'REFUND') AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      payment.merchant_id, payment.out_trade_no, payment.transaction_id, amount_fen);
  return true;
}

void raise_excess(const fc::Call& call, const Payment& payment, const KeptRefund& refund,
                  std::string_view event_id) {
  ExceptionCase what;
  what.reason = "refund-exceeds-payment";
  what.about = refund.refund_id;
  what.event_id = event_id;
  what.transaction_id = payment.transaction_id;
  what.out_trade_no = payment.out_trade_no;
  what.amount_fen = refund.amount_fen;
  what.detail = "refunds sum to more than was paid";
  Merchant merchant;
  merchant.id = payment.merchant_id;
  merchant.org = payment.org;
  merchant.channel = payment.channel;
  raise_exception(call, merchant, what);
}

void apply(const fc::Call& call, const Payment& payment, const KeptRefund& refund,
           std::string_view event_id) {
  if (refund.state == "SUCCESS" && !subtract(call, payment, refund.amount_fen)) {
    return raise_excess(call, payment, refund, event_id);
  }
  call.execute(
      "UPDATE refunds SET payment_id = $3 WHERE merchant_id = $1 AND refund_id = $2 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      refund.merchant_id, refund.refund_id, payment.id);
  RefundEvent event;
  event.id = refund.id;
  event.refund_id = refund.refund_id;
  event.out_refund_no = refund.out_refund_no;
  event.payment_id = payment.id;
  event.channel = payment.channel;
  event.merchant_id = payment.merchant_id;
  event.transaction_id = payment.transaction_id;
  event.out_trade_no = payment.out_trade_no;
  event.refund_fen = refund.amount_fen;
  event.amount_fen = payment.amount_fen;
  if (refund.success_ms) event.success_time = fc::rfc3339(*refund.success_ms);
  // The payment is the subject: its subscribers hear of it before they hear of its refund.
  call.publish(event_type(refund), payment.id, event);
}

}  // namespace

void receive_refund(const fc::Call& call, const Merchant& merchant, const wechat::Refund& refund,
                    std::string_view event_id) {
  ExceptionCase what;
  what.about = refund.refund_id.empty() ? event_id : refund.refund_id;
  what.event_id = event_id;
  what.transaction_id = refund.transaction_id;
  what.out_trade_no = refund.out_trade_no;
  what.amount_fen = refund.amount_fen;
  if (!refund.complete()) {
    what.reason = "refund-incomplete";
    what.detail =
        "the resource lacks a usable mchid, refund_id, transaction_id, refund_status or "
        "amount.refund";
    return raise_exception(call, merchant, what);
  }
  if (refund.mchid != merchant.mchid) {
    what.reason = "refund-mchid-mismatch";
    what.detail = "refunded by mchid " + refund.mchid + ", the merchant has " + merchant.mchid;
    return raise_exception(call, merchant, what);
  }
  const auto kept = keep(call, merchant, refund);
  if (!kept) return;
  const auto payment = find_verified(call, merchant.channel, refund.transaction_id);
  if (payment && payment->merchant_id == merchant.id) apply(call, *payment, *kept, event_id);
}

void apply_waiting_refunds(const fc::Call& call, const Payment& payment) {
  std::vector<KeptRefund> waiting;
  for (const fc::Row row : call.query(
           "SELECT id, merchant_id, refund_id, out_refund_no, amount_fen, state, success_time FROM "
           "refunds "
           "WHERE merchant_id = $1 AND transaction_id = $2 AND payment_id IS NULL AND EXISTS "
           "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org) ORDER BY id",
           payment.merchant_id, payment.transaction_id)) {
    waiting.push_back({row.string(0), row.string(1), row.string(2), row.string(3), row.integer(4),
                       row.string(5), row.optional_integer(6)});
  }
  for (const KeptRefund& refund : waiting) apply(call, payment, refund, refund.refund_id);
}

}  // namespace payments
