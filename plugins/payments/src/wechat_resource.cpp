#include "wechat_resource.hpp"

#include <forecourt/cpp/time.hpp>

namespace payments::wechat {
namespace {

constexpr size_t k_text_max = 128;

/// The channel's own ids are far shorter; what is longer, or holds a NUL, is no id.
std::string text_of(const fc::Json& object, std::string_view name) {
  const fc::Json& member = object[name];
  if (!member.is_text() || member.text().size() > k_text_max) return {};
  if (member.text().find('\0') != std::string::npos) return {};
  return member.text();
}

std::optional<int64_t> amount_of(const fc::Json& object, std::string_view name) {
  const fc::Json& member = object[name];
  if (!member.is_integer() || member.integer() <= 0) return std::nullopt;
  return member.integer();
}

std::string first_text(const fc::Json& object, std::string_view first, std::string_view second) {
  std::string text = text_of(object, first);
  return text.empty() ? text_of(object, second) : text;
}

}  // namespace

bool Transaction::complete() const {
  return !transaction_id.empty() && !out_trade_no.empty() && !mchid.empty() && !appid.empty() &&
         amount_fen.has_value();
}

Transaction read_transaction(const fc::Json& resource, std::string_view merchant_appid) {
  Transaction out;
  out.transaction_id = text_of(resource, "transaction_id");
  out.out_trade_no = text_of(resource, "out_trade_no");
  out.trade_state = text_of(resource, "trade_state");
  out.mchid = first_text(resource, "sub_mchid", "mchid");
  out.currency = text_of(resource["amount"], "currency");
  out.amount_fen = amount_of(resource["amount"], "total");
  out.success_ms = fc::parse_rfc3339(text_of(resource, "success_time"));

  const fc::Json& payer = resource["payer"];
  const std::string sub_appid = text_of(resource, "sub_appid");
  const std::string sp_appid = text_of(resource, "sp_appid");
  if (sub_appid.empty() && sp_appid.empty()) {
    out.appid = text_of(resource, "appid");
    out.openid = text_of(payer, "openid");
    return out;
  }
  // An openid means something only under its own appid.
  const bool provider =
      sub_appid.empty() || (sp_appid == merchant_appid && sub_appid != merchant_appid);
  out.appid = provider ? sp_appid : sub_appid;
  out.openid = text_of(payer, provider ? "sp_openid" : "sub_openid");
  return out;
}

bool Refund::complete() const {
  return !mchid.empty() && !refund_id.empty() && !transaction_id.empty() && amount_fen &&
         (status == "SUCCESS" || status == "ABNORMAL" || status == "CLOSED");
}

Refund read_refund(const fc::Json& resource) {
  Refund out;
  out.mchid = first_text(resource, "sub_mchid", "mchid");
  out.refund_id = text_of(resource, "refund_id");
  out.out_refund_no = text_of(resource, "out_refund_no");
  out.transaction_id = text_of(resource, "transaction_id");
  out.out_trade_no = text_of(resource, "out_trade_no");
  out.status = text_of(resource, "refund_status");
  out.amount_fen = amount_of(resource["amount"], "refund");
  out.success_ms = fc::parse_rfc3339(text_of(resource, "success_time"));
  return out;
}

}  // namespace payments::wechat
