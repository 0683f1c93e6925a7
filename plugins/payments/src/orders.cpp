#include "orders.hpp"

#include "merchants.hpp"
#include "settlement.hpp"

namespace payments {
namespace {

Order require_order(const fc::Call& call, std::string_view merchant_id,
                    std::string_view out_trade_no) {
  auto order = find_order(call, merchant_id, out_trade_no);
  if (!order) fc::refuse(404, "order-not-found", "there is no such order");
  return *std::move(order);
}

}  // namespace

std::optional<Order> find_order(const fc::Call& call, std::string_view merchant_id,
                                std::string_view out_trade_no) {
  const auto row = call.first(
      "SELECT amount_fen, state, registered, transaction_id, payer_openid, paid_fen, refunded_fen, "
      "paid_at, "
      "created_at FROM orders WHERE merchant_id = $1 AND out_trade_no = $2 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      merchant_id, out_trade_no);
  if (!row) return std::nullopt;
  Order out;
  out.merchant_id = merchant_id;
  out.out_trade_no = out_trade_no;
  out.amount_fen = row->integer(0);
  out.state = row->string(1);
  out.registered = row->integer(2) != 0;
  out.transaction_id = row->optional_string(3);
  out.payer_openid = row->optional_string(4);
  out.paid_fen = row->integer(5);
  out.refunded_fen = row->integer(6);
  if (!row->is_null(7)) out.paid_at = fc::rfc3339(row->integer(7));
  out.created_at = fc::rfc3339(row->integer(8));
  return out;
}

fc::Reply create_order(fc::Call& call, const NewOrder& body) {
  const Merchant merchant = require_merchant(call, body.merchant_id);
  const int64_t inserted = call.execute(
      "INSERT INTO orders (merchant_id, out_trade_no, org, amount_fen, state, registered, "
      "created_at) "
      "SELECT $1, $2, s.id, $4, 'NOTPAY', 1, $5 FROM fc_org s WHERE s.id = $3 AND s.ancestor = "
      "$fc_org "
      "ON CONFLICT (merchant_id, out_trade_no) DO NOTHING",
      merchant.id, body.out_trade_no, merchant.org, body.amount_fen, call.now_ms());
  if (inserted == 1) {
    settle_held_payment(call, merchant, body.out_trade_no);
    return fc::created(require_order(call, merchant.id, body.out_trade_no));
  }
  Order order = require_order(call, merchant.id, body.out_trade_no);
  if (order.amount_fen != body.amount_fen) {
    return fc::problem(409, "order-exists",
                       "this out_trade_no is registered or paid already with another amount");
  }
  if (!order.registered) {
    call.execute(
        "UPDATE orders SET registered = 1 WHERE merchant_id = $1 AND out_trade_no = $2 AND EXISTS "
        "(SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
        merchant.id, body.out_trade_no);
    order.registered = true;
  }
  return fc::created(order);
}

fc::Reply get_order(fc::Call& call) {
  return fc::ok(
      require_order(call, *call.query_parameter("merchant_id"), call.path("out_trade_no")));
}

fc::Reply close_order(fc::Call& call, const CloseOrder& body) {
  const Merchant merchant = require_merchant(call, body.merchant_id);
  call.execute(
      "UPDATE orders SET state = 'CLOSED' WHERE merchant_id = $1 AND out_trade_no = $2 AND state = "
      "'NOTPAY' "
      "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = org AND o.ancestor = $fc_org)",
      merchant.id, call.path("out_trade_no"));
  const Order order = require_order(call, merchant.id, call.path("out_trade_no"));
  if (order.state != "CLOSED") {
    return fc::problem(409, "order-paid",
                       "the order is " + order.state + "; only NOTPAY can be closed");
  }
  return fc::ok(order);
}

}  // namespace payments
