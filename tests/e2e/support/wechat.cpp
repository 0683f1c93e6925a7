#include "e2e/support/wechat.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <ctime>
#include <stdexcept>

#include "base/json_text.hpp"

namespace e2e {
namespace {

using forecourt::json_string;

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(bytes.data()),
                                static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(n));
  return out;
}

/// AES-256-GCM; the tag follows the ciphertext, as the channel sends it.
std::string encrypt(std::string_view key, std::string_view nonce, std::string_view associated,
                    std::string_view plain) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                         EVP_CIPHER_CTX_free);
  check(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1,
        "gcm init");
  int n = 0;
  check(EVP_EncryptUpdate(cipher.get(), nullptr, &n, bytes(associated),
                          static_cast<int>(associated.size())) == 1,
        "gcm aad");
  std::string out(plain.size() + 16, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  check(EVP_EncryptUpdate(cipher.get(), to, &n, bytes(plain), static_cast<int>(plain.size())) == 1,
        "gcm update");
  int last = 0;
  check(EVP_EncryptFinal_ex(cipher.get(), to + n, &last) == 1, "gcm final");
  check(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, 16, to + plain.size()) == 1,
        "gcm tag");
  return out;
}

}  // namespace

void WeChat::Free::operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }

WeChat::WeChat() : key_(EVP_RSA_gen(2048)) { check(key_ != nullptr, "rsa"); }
WeChat::~WeChat() = default;

std::string WeChat::public_key_pem() const {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  check(PEM_write_bio_PUBKEY(out.get(), key_.get()) == 1, "pem");
  char* data = nullptr;
  const long n = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<size_t>(n)};
}

Headers WeChat::sign(std::string_view body, int64_t timestamp, std::string_view nonce) const {
  std::string message = std::to_string(timestamp) + "\n";
  message.append(nonce).append("\n").append(body).append("\n");
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  check(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1,
        "sign init");
  size_t size = 512;
  std::string signature(size, '\0');
  check(EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1,
        "sign");
  signature.resize(size);
  return {{"Wechatpay-Timestamp", std::to_string(timestamp)},
          {"Wechatpay-Nonce", std::string(nonce)},
          {"Wechatpay-Signature", base64(signature)},
          {"Wechatpay-Serial", serial_},
          {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"}};
}

WeChat::Callback WeChat::callback(std::string_view event_id, std::string_view event_type,
                                  std::string_view resource, int64_t timestamp) const {
  const std::string_view nonce = "fdasflkja484";
  const std::string_view associated = "transaction";
  Callback callback;
  callback.body =
      "{\"id\":" + json_string(event_id) +
      ",\"create_time\":\"2018-06-08T10:34:56+08:00\",\"resource_type\":\"encrypt-resource\"," +
      "\"event_type\":" + json_string(event_type) + ",\"summary\":\"支付成功\"," +
      "\"resource\":{\"original_type\":\"transaction\",\"algorithm\":\"AEAD_AES_256_GCM\"," +
      "\"ciphertext\":\"" + base64(encrypt(api_v3_key_, nonce, associated, resource)) +
      "\",\"associated_data\":\"transaction\",\"nonce\":\"" + std::string(nonce) + "\"}}";
  callback.headers = sign(callback.body, timestamp, "593BEC0C930BF1AFEB40B4A08C8FB242");
  return callback;
}

WeChat::Callback WeChat::callback(std::string_view event_id, std::string_view event_type,
                                  std::string_view resource) const {
  return callback(event_id, event_type, resource, static_cast<int64_t>(std::time(nullptr)));
}

std::string WeChat::payment_resource(const Payment& payment) {
  const std::string total = std::to_string(payment.total_fen);
  return "{\"transaction_id\":" + json_string(payment.transaction_id) +
         ",\"amount\":{\"payer_total\":" + total + ",\"total\":" + total +
         ",\"currency\":\"CNY\",\"payer_currency\":\"CNY\"},\"mchid\":" +
         json_string(payment.mchid) +
         ",\"trade_state\":\"SUCCESS\",\"bank_type\":\"CMC\",\"success_time\":\"2018-06-08T10:34:"
         "56+08:00\"," +
         "\"payer\":{\"openid\":" + json_string(payment.openid) +
         "},\"out_trade_no\":" + json_string(payment.out_trade_no) +
         ",\"appid\":" + json_string(payment.appid) +
         ",\"trade_state_desc\":\"支付成功\",\"trade_type\":\"JSAPI\",\"attach\":\"\"}";
}

}  // namespace e2e
