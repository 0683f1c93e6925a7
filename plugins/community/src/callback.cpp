#include "callback.hpp"

#include <algorithm>

#include "chat_changes.hpp"
#include "corps.hpp"
#include "wecom_crypto.hpp"

namespace community {
namespace {

[[noreturn]] void refuse(const fc::Call& call, int status, std::string_view code,
                         std::string_view why) {
  call.count("callbacks_refused_total", code);
  call.log(FC_LOG_INFO, "callback refused",
           fc::Json::object({{"corp", call.path("id")}, {"why", why}}));
  fc::refuse(status, code, why);
}

Corp require_corp(const fc::Call& call) {
  auto corp = route_to_corp(call, call.path("id"));
  if (!corp) refuse(call, 404, "corp-not-found", "there is no such corp");
  return *std::move(corp);
}

std::string_view query(const fc::Call& call, std::string_view name) {
  return call.query_parameter(name).value_or("");
}

/// The plain message, when the corp sent it and it is for the corp.
wecom::Plain open(const fc::Call& call, const Corp& corp, std::string_view encrypt) {
  const wecom::Signed what{query(call, "timestamp"), query(call, "nonce"), encrypt};
  if (!wecom::signature_holds(corp.token, what, query(call, "msg_signature"))) {
    refuse(call, 403, "bad-signature", "msg_signature does not hold");
  }
  auto plain = wecom::decrypt(corp.encoding_aes_key, encrypt);
  if (!plain) refuse(call, 400, "undecryptable", "the message cannot be decrypted");
  const bool for_suite = !corp.suite_id.empty() && plain->receive_id == corp.suite_id;
  if (plain->receive_id != corp.corp_id && !for_suite) {
    refuse(call, 403, "bad-receiveid", "the message is for somebody else");
  }
  return *std::move(plain);
}

}  // namespace

fc::Reply verify_url(fc::Call& call) {
  const Corp corp = require_corp(call);
  // A '+' that was not percent-encoded arrives as a space where the way decodes forms; base64 has
  // none.
  std::string echostr(query(call, "echostr"));
  std::replace(echostr.begin(), echostr.end(), ' ', '+');
  return {200, "text/plain; charset=utf-8", open(call, corp, echostr).message};
}

fc::Prepared<VerifiedCallback> verify_callback(fc::Call& call) {
  const Corp corp = require_corp(call);
  const auto encrypt = wecom::read_envelope(call.body());
  if (!encrypt) refuse(call, 400, "undecryptable", "the body is not XML with an Encrypt element");
  wecom::Plain plain = open(call, corp, *encrypt);
  wecom::Message message = wecom::read_message(plain.message);
  // A suite's key speaks for every corp that uses the suite: the event must be this one's.
  const bool by_suite = plain.receive_id != corp.corp_id;
  if (by_suite && !message.auth_corp_id.empty() && message.auth_corp_id != corp.corp_id) {
    refuse(call, 403, "bad-receiveid", "the event is of another corp");
  }
  auto out = std::make_unique<VerifiedCallback>();
  out->org = corp.org;
  out->corp_id = corp.corp_id;
  out->sha256 = wecom::sha256(plain.message);
  out->text = std::move(plain.message);
  out->message = std::move(message);
  return out;
}

fc::Reply receive_callback(fc::Call& call, const VerifiedCallback& callback) {
  call.adopt(callback.org);
  const wecom::Message& message = callback.message;
  const int64_t inserted = call.execute(
      "INSERT INTO callbacks (org, corp_id, sha256, kind, change_type, chat_id, message, "
      "received_at) "
      "VALUES ($fc_org, $1, $2, $3, $4, $5, $6, $7) ON CONFLICT (org, corp_id, sha256) DO NOTHING",
      callback.corp_id, fc::Blob{callback.sha256}, message.kind, message.change_type,
      message.chat_id, fc::Blob{callback.text}, call.now_ms());
  if (inserted == 1 && message.kind == "change_external_chat") {
    apply_chat_change(call, {callback.org, callback.corp_id}, message);
  }
  return fc::reply(200);
}

}  // namespace community
