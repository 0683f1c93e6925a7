#include "plugins/payments/channel.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <forecourt/cpp/json.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace payments::test {
namespace {

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(what);
}
const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

PlatformKey::PlatformKey(std::string serial, int bits)
    : serial_(std::move(serial)), key_(EVP_RSA_gen(static_cast<unsigned>(bits)), EVP_PKEY_free) {
  check(key_ != nullptr, "RSA key");
}

std::string PlatformKey::public_key_pem() const {
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  check(PEM_write_bio_PUBKEY(out.get(), key_.get()) == 1, "PEM");
  return text_of(out.get());
}

std::string PlatformKey::certificate_pem() const {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  check(X509_set_pubkey(certificate.get(), key_.get()) == 1, "certificate key");
  check(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0, "certificate");
  const Bio out(BIO_new(BIO_s_mem()), BIO_free);
  check(PEM_write_bio_X509(out.get(), certificate.get()) == 1, "certificate PEM");
  return text_of(out.get());
}

std::string PlatformKey::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                       EVP_MD_CTX_free);
  size_t size = 0;
  check(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1,
        "sign init");
  check(EVP_DigestSign(digest.get(), nullptr, &size, bytes(message), message.size()) == 1,
        "sign size");
  std::string signature(size, '\0');
  check(EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       bytes(message), message.size()) == 1,
        "sign");
  signature.resize(size);
  return to_base64(signature);
}

Callback Callback::with(std::string_view name, std::string_view value) const {
  Callback out = without(name);
  out.headers.emplace_back(name, value);
  return out;
}

Callback Callback::without(std::string_view name) const {
  Callback out = *this;
  std::erase_if(out.headers, [name](const auto& header) { return header.first == name; });
  return out;
}

std::string to_base64(std::string_view raw) {
  std::string out((raw.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes(raw),
                                   static_cast<int>(raw.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

std::string encrypt(std::string_view key, std::string_view nonce, std::string_view associated_data,
                    std::string_view plain) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out(plain.size() + 16, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  int size = 0;
  check(
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)) == 1,
      "GCM");
  check(EVP_EncryptUpdate(context.get(), nullptr, &size, bytes(associated_data),
                          static_cast<int>(associated_data.size())) == 1,
        "GCM associated data");
  check(EVP_EncryptUpdate(context.get(), to, &size, bytes(plain), static_cast<int>(plain.size())) ==
            1,
        "GCM text");
  check(EVP_EncryptFinal_ex(context.get(), to + size, &size) == 1, "GCM end");
  check(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, to + plain.size()) == 1,
        "GCM tag");
  return out;
}

std::string envelope(std::string_view event_id, std::string_view event_type,
                     std::string_view resource, std::string_view api_v3_key) {
  const std::string sealed = to_base64(encrypt(api_v3_key, k_gcm_nonce, "transaction", resource));
  return fc::Json::object({{"id", event_id},
                           {"create_time", "2018-06-08T10:34:56+08:00"},
                           {"resource_type", "encrypt-resource"},
                           {"event_type", event_type},
                           {"summary", "支付成功"},
                           {"resource", fc::Json::object({{"original_type", "transaction"},
                                                          {"algorithm", "AEAD_AES_256_GCM"},
                                                          {"ciphertext", sealed},
                                                          {"associated_data", "transaction"},
                                                          {"nonce", k_gcm_nonce}})}})
      .dump();
}

Callback signed_by(const PlatformKey& key, std::string body, int64_t timestamp) {
  const std::string nonce = "593BEC0C930BF1AFEB40B4A08C8FB242";
  const std::string seconds = std::to_string(timestamp);
  Callback out;
  out.headers = {{"Content-Type", "application/json"},
                 {"Wechatpay-Timestamp", seconds},
                 {"Wechatpay-Nonce", nonce},
                 {"Wechatpay-Signature", key.sign(seconds + "\n" + nonce + "\n" + body + "\n")},
                 {"Wechatpay-Serial", key.serial()},
                 {"Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"}};
  out.body = std::move(body);
  return out;
}

std::string resource_of(const Transaction& transaction) {
  return fc::Json::object({{"transaction_id", transaction.transaction_id},
                           {"amount", fc::Json::object({{"payer_total", transaction.total_fen},
                                                        {"total", transaction.total_fen},
                                                        {"currency", transaction.currency},
                                                        {"payer_currency", transaction.currency}})},
                           {"mchid", transaction.mchid},
                           {"trade_state", transaction.trade_state},
                           {"success_time", "2018-06-08T10:34:56+08:00"},
                           {"payer", fc::Json::object({{"openid", transaction.openid}})},
                           {"out_trade_no", transaction.out_trade_no},
                           {"appid", transaction.appid},
                           {"trade_type", "JSAPI"}})
      .dump();
}

std::string resource_of(const Refund& refund) {
  return fc::Json::object({{"mchid", refund.mchid},
                           {"transaction_id", refund.transaction_id},
                           {"out_trade_no", refund.out_trade_no},
                           {"refund_id", refund.refund_id},
                           {"out_refund_no", "r-" + refund.refund_id},
                           {"refund_status", refund.status},
                           {"success_time", "2018-06-09T10:34:56+08:00"},
                           {"amount", fc::Json::object({{"total", refund.total_fen},
                                                        {"refund", refund.refund_fen},
                                                        {"payer_total", refund.total_fen},
                                                        {"payer_refund", refund.refund_fen}})}})
      .dump();
}

std::string test_data(std::string_view name) {
  std::ifstream file(std::string(FORECOURT_TEST_DATA) + "/" + std::string(name), std::ios::binary);
  check(file.good(), "test data");
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

}  // namespace payments::test
