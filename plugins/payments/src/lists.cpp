#include "lists.hpp"

namespace payments {
namespace {

struct RefundAnswer {
  std::string id;
  std::string org;
  std::string merchant_id;
  std::string refund_id;
  std::string out_refund_no;
  std::string transaction_id;
  std::string out_trade_no;
  int64_t amount_fen = 0;
  std::string state;
  std::optional<std::string> payment_id;
  std::string created_at;
};
FORECOURT_FIELDS(RefundAnswer, id, org, merchant_id, refund_id, out_refund_no, transaction_id,
                 out_trade_no, amount_fen, state, payment_id, created_at)

struct ExceptionAnswer {
  std::string id;
  std::string org;
  std::string merchant_id;
  std::string reason;
  std::optional<std::string> transaction_id;
  std::optional<std::string> out_trade_no;
  std::optional<int64_t> amount_fen;
  std::string detail;
  std::string event_id;
  std::string created_at;
};
FORECOURT_FIELDS(ExceptionAnswer, id, org, merchant_id, reason, transaction_id, out_trade_no,
                 amount_fen, detail, event_id, created_at)

// Macros, so that whole statements are literals: `forecourt check` reads them in the library.
#define SELECT_PAYMENT                                                                        \
  "SELECT p.id, p.org, p.merchant_id, p.channel, p.transaction_id, p.out_trade_no, p.mchid, " \
  "p.appid, p.openid, p.amount_fen, p.refunded_fen, p.state, p.order_known, p.success_time, " \
  "p.created_at, p.released_at "

/// Newest first, a page of each org below the caller's, then the page of those: what it costs
/// depends on the orgs and the page, not on how many rows there are. `$1` is the last id seen, `$2`
/// the limit.
#define NEWEST_FIRST(table, filter)                                    \
  "FROM fc_org s CROSS JOIN " table                                    \
  " p WHERE s.ancestor = $fc_org AND p.id IN (SELECT q.id FROM " table \
  " q WHERE q.org = s.id AND q.id < $1" filter                         \
  " ORDER BY q.id DESC LIMIT $2) ORDER BY p.id DESC LIMIT $2"

Payment read_payment(const fc::Row& row) {
  Payment out;
  out.id = row.string(0);
  out.org = row.string(1);
  out.merchant_id = row.string(2);
  out.channel = row.string(3);
  out.transaction_id = row.string(4);
  out.out_trade_no = row.string(5);
  out.mchid = row.string(6);
  out.appid = row.string(7);
  out.openid = row.optional_string(8);
  out.amount_fen = row.integer(9);
  out.refunded_fen = row.integer(10);
  out.state = row.string(11);
  out.order_known = row.integer(12) != 0;
  out.success_time = fc::rfc3339(row.integer(13));
  out.created_at = fc::rfc3339(row.integer(14));
  if (!row.is_null(15)) out.released_at = fc::rfc3339(row.integer(15));
  return out;
}

std::optional<Payment> payment_or_none(const fc::First& row) {
  return row ? std::optional(read_payment(*row)) : std::nullopt;
}

/// What every id sorts before, to start with.
std::string_view start_of(const std::string& after) {
  return after.empty() ? "~" : std::string_view(after);
}

template <class Answer, class Read, class... Args>
fc::Reply list(fc::Call& call, std::string_view sql, Read read, const Args&... args) {
  auto page = fc::Page<Answer>::of(call);
  for (const fc::Row row : call.query(sql, start_of(page.after()), page.fetch(), args...)) {
    if (!page.add(read(row), row.text(0))) break;
  }
  return fc::ok(page);
}

RefundAnswer read_refund(const fc::Row& row) {
  return {row.string(0),
          row.string(1),
          row.string(2),
          row.string(3),
          row.string(4),
          row.string(5),
          row.string(6),
          row.integer(7),
          row.string(8),
          row.optional_string(9),
          fc::rfc3339(row.integer(10))};
}

ExceptionAnswer read_exception(const fc::Row& row) {
  return {row.string(0),           row.string(1),
          row.string(2),           row.string(3),
          row.optional_string(4),  row.optional_string(5),
          row.optional_integer(6), row.string(7),
          row.string(8),           fc::rfc3339(row.integer(9))};
}

}  // namespace

std::optional<Payment> find_payment(const fc::Call& call, std::string_view id) {
  return payment_or_none(
      call.first(SELECT_PAYMENT
                 "FROM payments p WHERE p.id = $1 AND EXISTS "
                 "(SELECT 1 FROM fc_org o WHERE o.id = p.org AND o.ancestor = $fc_org)",
                 id));
}

std::optional<Payment> find_held(const fc::Call& call, std::string_view merchant_id,
                                 std::string_view out_trade_no) {
  return payment_or_none(call.first(
      SELECT_PAYMENT
      "FROM payments p WHERE p.merchant_id = $1 AND p.out_trade_no = $2 AND p.state = 'held' "
      "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = p.org AND o.ancestor = $fc_org)",
      merchant_id, out_trade_no));
}

std::optional<Payment> find_verified(const fc::Call& call, std::string_view channel,
                                     std::string_view transaction_id) {
  return payment_or_none(call.first(
      SELECT_PAYMENT
      "FROM payments p WHERE p.channel = $1 AND p.transaction_id = $2 AND p.state = 'verified' "
      "AND EXISTS (SELECT 1 FROM fc_org o WHERE o.id = p.org AND o.ancestor = $fc_org)",
      channel, transaction_id));
}

fc::Reply list_payments(fc::Call& call) {
  const auto merchant_id = call.query_parameter("merchant_id");
  const auto out_trade_no = call.query_parameter("out_trade_no");
  if (merchant_id.has_value() != out_trade_no.has_value()) {
    return fc::problem(400, "invalid-parameter", "merchant_id and out_trade_no go together");
  }
  if (!merchant_id) {
    return list<Payment>(call, SELECT_PAYMENT NEWEST_FIRST("payments", ""), read_payment);
  }
  return list<Payment>(
      call,
      SELECT_PAYMENT
      "FROM payments p WHERE p.id < $1 AND p.merchant_id = $3 AND p.out_trade_no = $4 AND EXISTS "
      "(SELECT 1 FROM fc_org o WHERE o.id = p.org AND o.ancestor = $fc_org) ORDER BY p.id DESC "
      "LIMIT $2",
      read_payment, *merchant_id, *out_trade_no);
}

fc::Reply list_held(fc::Call& call) {
  return list<Payment>(call, SELECT_PAYMENT NEWEST_FIRST("payments", " AND q.state = 'held'"),
                       read_payment);
}

fc::Reply list_refunds(fc::Call& call) {
  return list<RefundAnswer>(
      call,
      "SELECT p.id, p.org, p.merchant_id, p.refund_id, p.out_refund_no, p.transaction_id, "
      "p.out_trade_no, p.amount_fen, p.state, p.payment_id, p.created_at " NEWEST_FIRST("refunds",
                                                                                        ""),
      read_refund);
}

fc::Reply list_exceptions(fc::Call& call) {
  return list<ExceptionAnswer>(call,
                               "SELECT p.id, p.org, p.merchant_id, p.reason, p.transaction_id, "
                               "p.out_trade_no, p.amount_fen, "
                               "p.detail, p.event_id, p.created_at " NEWEST_FIRST("exceptions", ""),
                               read_exception);
}

}  // namespace payments
