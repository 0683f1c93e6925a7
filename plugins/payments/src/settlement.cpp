#include "settlement.hpp"

#include "exceptions.hpp"
#include "lists.hpp"
#include "orders.hpp"
#include "refunds.hpp"

namespace payments {
namespace {

/// payments.payment.verified.
struct VerifiedEvent {
  std::string payment_id;
  std::string channel;
  std::string merchant_id;
  std::string mchid;
  std::string appid;
  std::optional<std::string> openid;  ///< not every kind of trade names the payer
  std::string transaction_id;
  std::string out_trade_no;
  int64_t amount_fen = 0;
  std::string success_time;
  bool order_known = false;
};
FORECOURT_FIELDS(VerifiedEvent, payment_id, channel, merchant_id, mchid, appid, openid,
                 transaction_id, out_trade_no, amount_fen, success_time, order_known)

std::string yuan(int64_t fen) {
  const std::string cents = std::to_string(100 + fen % 100).substr(1);
  return std::to_string(fen / 100) + "." + cents + " yuan";
}

ExceptionCase case_of(const wechat::Transaction& transaction, std::string_view event_id) {
  ExceptionCase out;
  out.about = transaction.transaction_id.empty() ? event_id : transaction.transaction_id;
  out.event_id = event_id;
  out.transaction_id = transaction.transaction_id;
  out.out_trade_no = transaction.out_trade_no;
  out.amount_fen = transaction.amount_fen;
  return out;
}

/// What is wrong with the transaction itself, whatever the order says. Fills reason and detail.
bool disagrees_with_merchant(const Merchant& merchant, const wechat::Transaction& transaction,
                             ExceptionCase& out) {
  if (!transaction.complete()) {
    out.reason = "incomplete";
    out.detail =
        "the resource lacks a usable transaction_id, out_trade_no, mchid, appid or amount.total";
  } else if (transaction.mchid != merchant.mchid) {
    out.reason = "mchid-mismatch";
    out.detail = "paid to mchid " + transaction.mchid + ", the merchant has " + merchant.mchid;
  } else if (transaction.appid != merchant.appid) {
    out.reason = "appid-mismatch";
    out.detail = "paid under appid " + transaction.appid + ", the merchant has " + merchant.appid;
  } else if (!transaction.currency.empty() && transaction.currency != "CNY") {
    out.reason = "currency-mismatch";
    out.detail = "paid in " + transaction.currency + ", only CNY is accepted";
  }
  return !out.reason.empty();
}

/// What is wrong between the transaction and its order. Fills reason and detail.
bool disagrees_with_order(const Order& order, int64_t amount_fen, ExceptionCase& out) {
  if (order.state == "CLOSED") {
    out.reason = "order-closed";
    out.detail = "paid after the order was closed";
  } else if (order.state != "NOTPAY") {
    out.reason = "order-already-paid";
    out.detail = "paid a second time, first by transaction " + order.transaction_id.value_or("");
  } else if (order.amount_fen != amount_fen) {
    out.reason = "amount-mismatch";
    out.detail = "paid " + yuan(amount_fen) + ", the order is over " + yuan(order.amount_fen);
  }
  return !out.reason.empty();
}

Payment payment_of(const fc::Call& call, const Merchant& merchant,
                   const wechat::Transaction& transaction) {
  Payment out;
  out.id = call.id("pay");
  out.org = merchant.org;
  out.merchant_id = merchant.id;
  out.channel = merchant.channel;
  out.transaction_id = transaction.transaction_id;
  out.out_trade_no = transaction.out_trade_no;
  out.mchid = transaction.mchid;
  out.appid = transaction.appid;
  if (!transaction.openid.empty()) out.openid = transaction.openid;
  out.amount_fen = *transaction.amount_fen;
  out.success_time = fc::rfc3339(transaction.success_ms.value_or(call.now_ms()));
  return out;
}

/// False when the channel's transaction is recorded already, for whomever.
bool insert_payment(const fc::Call& call, const Payment& payment) {
  return call.execute(
             "INSERT INTO payments (id, org, merchant_id, channel, transaction_id, out_trade_no, "
             "mchid, appid, "
             "openid, amount_fen, state, order_known, success_time, created_at) "
             "VALUES ($1, $fc_org, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
             "ON CONFLICT (channel, transaction_id) DO NOTHING",
             payment.id, payment.merchant_id, payment.channel, payment.transaction_id,
             payment.out_trade_no, payment.mchid, payment.appid, payment.openid, payment.amount_fen,
             payment.state, payment.order_known, fc::parse_rfc3339(payment.success_time),
             call.now_ms()) == 1;
}

/// The order is paid; members, coupons and the others hear of it. The order row exists, or is made
/// here.
void verify(const fc::Call& call, const Payment& payment) {
  call.execute(
      "INSERT INTO orders (merchant_id, out_trade_no, org, amount_fen, state, registered, "
      "transaction_id, "
      "payer_openid, paid_fen, paid_at, created_at) "
      "SELECT $1, $2, s.id, $4, 'SUCCESS', 0, $5, $6, $4, $7, $8 FROM fc_org s "
      "WHERE s.id = $3 AND s.ancestor = $fc_org "
      "ON CONFLICT (merchant_id, out_trade_no) DO UPDATE SET state = 'SUCCESS', "
      "transaction_id = excluded.transaction_id, payer_openid = excluded.payer_openid, "
      "paid_fen = excluded.paid_fen, paid_at = excluded.paid_at WHERE orders.state = 'NOTPAY'",
      payment.merchant_id, payment.out_trade_no, payment.org, payment.amount_fen,
      payment.transaction_id, payment.openid, fc::parse_rfc3339(payment.success_time),
      call.now_ms());
  call.publish(
      "payments.payment.verified", payment.id,
      VerifiedEvent{payment.id, payment.channel, payment.merchant_id, payment.mchid, payment.appid,
                    payment.openid, payment.transaction_id, payment.out_trade_no,
                    payment.amount_fen, payment.success_time, payment.order_known});
  apply_waiting_refunds(call, payment);
}

/// The transaction is on record: for this very order nothing is new, else somebody must look.
void settle_recorded(const fc::Call& call, const Merchant& merchant, ExceptionCase what) {
  const auto row = call.first(
      "SELECT 1 FROM payments WHERE channel = $1 AND transaction_id = $2 AND merchant_id = $3 "
      "AND out_trade_no = $4 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      merchant.channel, what.transaction_id, merchant.id, what.out_trade_no);
  if (row) return;
  what.reason = "transaction-reused";
  what.detail = "the transaction paid another order or merchant before";
  raise_exception(call, merchant, what);
}

/// Whether another transaction waits for, or has, this order's payment.
bool order_has_payment(const fc::Call& call, const Merchant& merchant,
                       const wechat::Transaction& transaction) {
  return static_cast<bool>(call.first(
      "SELECT 1 FROM payments WHERE merchant_id = $1 AND out_trade_no = $2 AND transaction_id <> "
      "$3 "
      "AND state <> 'refused' AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      merchant.id, transaction.out_trade_no, transaction.transaction_id));
}

bool holds_unknown_orders(const fc::Call& call) {
  const fc::Json setting = call.config("unknown_orders");
  return setting.is_text() && setting.text() == "hold";
}

void set_state(const fc::Call& call, const Payment& payment) {
  call.execute(
      "UPDATE payments SET state = $2, order_known = $3, released_at = $4 WHERE id = $1 AND state "
      "= 'held' "
      "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      payment.id, payment.state, payment.order_known, call.now_ms());
}

}  // namespace

void settle(const fc::Call& call, const Merchant& merchant, const wechat::Transaction& transaction,
            std::string_view event_id) {
  ExceptionCase what = case_of(transaction, event_id);
  if (disagrees_with_merchant(merchant, transaction, what))
    return raise_exception(call, merchant, what);

  const auto order = find_order(call, merchant.id, transaction.out_trade_no);
  if (order && order->transaction_id == transaction.transaction_id)
    return;  // paid by this very transaction
  if (order && disagrees_with_order(*order, *transaction.amount_fen, what)) {
    return raise_exception(call, merchant, what);
  }
  if (!order && order_has_payment(call, merchant, transaction)) {
    what.reason = "order-already-paid";
    what.detail = "paid a second time while the first payment is held";
    return raise_exception(call, merchant, what);
  }

  Payment payment = payment_of(call, merchant, transaction);
  payment.order_known = order.has_value();
  const bool hold = !order && holds_unknown_orders(call);
  payment.state = hold ? "held" : "verified";
  if (!insert_payment(call, payment)) return settle_recorded(call, merchant, what);
  if (!hold) verify(call, payment);
}

void settle_held_payment(const fc::Call& call, const Merchant& merchant,
                         std::string_view out_trade_no) {
  auto payment = find_held(call, merchant.id, out_trade_no);
  const auto order = find_order(call, merchant.id, out_trade_no);
  if (!payment || !order) return;

  ExceptionCase what;
  what.about = payment->transaction_id;
  what.transaction_id = payment->transaction_id;
  what.out_trade_no = payment->out_trade_no;
  what.amount_fen = payment->amount_fen;
  const bool refused = disagrees_with_order(*order, payment->amount_fen, what);
  payment->state = refused ? "refused" : "verified";
  payment->order_known = true;
  set_state(call, *payment);
  if (refused) return raise_exception(call, merchant, what);
  verify(call, *payment);
}

fc::Reply release_held(fc::Call& call) {
  auto payment = find_payment(call, call.path("id"));
  if (!payment || (payment->state != "held" && !payment->released_at)) {
    return fc::problem(404, "payment-not-found", "there is no such held payment");
  }
  if (payment->state == "held") {
    payment->state = "verified";
    payment->released_at = fc::rfc3339(call.now_ms());
    set_state(call, *payment);
    verify(call, *payment);
    call.audit("payment.release", payment->id,
               fc::Json::object({{"amount_fen", payment->amount_fen}}));
    payment = find_payment(call, payment->id);
  }
  if (payment->state != "verified") {
    return fc::problem(409, "payment-refused",
                       "the payment disagreed with its order; see the exceptions");
  }
  return fc::ok(*payment);
}

}  // namespace payments
