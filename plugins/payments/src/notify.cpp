#include "notify.hpp"

#include <utility>

#include "refunds.hpp"
#include "settlement.hpp"

namespace payments {
namespace {

constexpr wechat::Refusal k_unknown_merchant{404, "merchant", "there is no such merchant"};
constexpr wechat::Refusal k_unknown_serial{403, "serial",
                                           "Wechatpay-Serial is not one of the merchant's keys"};
constexpr wechat::Refusal k_forged{403, "signature", "the signature does not hold"};
constexpr wechat::Refusal k_unreadable{400, "resource", "the resource cannot be decrypted or read"};

fc::Reply answer(int status, std::string_view code, std::string_view message) {
  return fc::reply(status, fc::Json::object({{"code", code}, {"message", message}}));
}

fc::Reply refuse(const fc::Call& call, const wechat::Refusal& why) {
  call.count("callbacks_refused_total", why.label);
  call.log(FC_LOG_INFO, "callback refused",
           fc::Json::object({{"merchant_id", call.path("merchant_id")}, {"why", why.message}}));
  return answer(why.status, "FAIL", why.message);
}

std::string_view header(const fc::Call& call, std::string_view name) {
  return call.header(name).value_or("");
}

/// The merchant and its sealed key: public, so there is no org yet to look under. The id in the
/// path is no secret; nothing of the row leaves before the signature held.
std::optional<std::pair<Merchant, std::string>> route(const fc::Call& call, std::string_view id) {
  const auto row = call.first(
      "/* unscoped */ SELECT org, channel, mchid, appid, api_v3_key FROM merchants WHERE id = $1",
      id);
  if (!row) return std::nullopt;
  return std::pair(
      Merchant{std::string(id), row->string(0), row->string(1), row->string(2), row->string(3)},
      row->string(4));
}

std::optional<RsaPublicKey> platform_key(const fc::Call& call, std::string_view merchant_id,
                                         std::string_view serial) {
  const auto row = call.first(
      "/* unscoped */ SELECT modulus, exponent FROM platform_keys WHERE merchant_id = $1 AND "
      "serial = $2",
      merchant_id, wechat::normal_serial(serial));
  if (!row) return std::nullopt;
  return RsaPublicKey{row->string(0), row->string(1)};
}

}  // namespace

fc::Prepared<VerifiedCallback> verify_callback(fc::Call& call) {
  const wechat::Headers headers{
      header(call, "Wechatpay-Timestamp"), header(call, "Wechatpay-Nonce"),
      header(call, "Wechatpay-Signature"), header(call, "Wechatpay-Serial"),
      header(call, "Wechatpay-Signature-Type")};
  auto routed = route(call, call.path("merchant_id"));
  if (!routed || routed->first.channel != "wechat") return refuse(call, k_unknown_merchant);
  if (const auto why = wechat::check_headers(headers, call.now_ms())) return refuse(call, *why);
  auto& [merchant, sealed] = *routed;
  const auto key = platform_key(call, merchant.id, headers.serial);
  if (!key) return refuse(call, k_unknown_serial);
  if (!wechat::signature_holds(headers, call.body(), *key)) return refuse(call, k_forged);
  auto notification =
      wechat::open(call.body(), call.unseal(api_v3_key_context(merchant.id), sealed));
  if (!notification) return refuse(call, k_unreadable);
  return std::make_unique<VerifiedCallback>(
      VerifiedCallback{std::move(merchant), *std::move(notification)});
}

fc::Reply receive_callback(fc::Call& call, const VerifiedCallback& callback) {
  const auto& [merchant, notification] = callback;
  call.adopt(merchant.org);
  const int64_t inserted = call.execute(
      "INSERT INTO notifications (merchant_id, event_id, org, event_type, resource, received_at) "
      "VALUES ($1, $2, $fc_org, $3, $4, $5) ON CONFLICT (merchant_id, event_id) DO NOTHING",
      merchant.id, notification.id, notification.event_type, notification.resource_text,
      call.now_ms());
  const fc::Reply done = answer(200, "SUCCESS", "成功");
  if (inserted == 0) return done;

  if (notification.event_type == "TRANSACTION.SUCCESS") {
    const auto transaction = wechat::read_transaction(notification.resource, merchant.appid);
    // Another state under this type credits nothing; the callback is kept.
    if (transaction.trade_state == "SUCCESS") settle(call, merchant, transaction, notification.id);
  } else if (notification.event_type.starts_with("REFUND.")) {
    receive_refund(call, merchant, wechat::read_refund(notification.resource), notification.id);
  }
  return done;
}

}  // namespace payments
