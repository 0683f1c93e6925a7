#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "e2e/support/http_client.hpp"

namespace e2e {

/// WeChat Pay's side of a callback: a platform key pair made for the test, signing and encrypting
/// as the channel does (APIv3, "WECHATPAY2-SHA256-RSA2048" and "AEAD_AES_256_GCM").
class WeChat {
 public:
  WeChat();
  ~WeChat();

  std::string public_key_pem() const;
  const std::string& serial() const { return serial_; }
  const std::string& api_v3_key() const { return api_v3_key_; }

  struct Callback {
    Headers headers;
    std::string body;
  };
  /// A callback carrying `resource` (plain JSON), signed at `timestamp` (seconds).
  Callback callback(std::string_view event_id, std::string_view event_type,
                    std::string_view resource, int64_t timestamp) const;
  /// Signed now.
  Callback callback(std::string_view event_id, std::string_view event_type,
                    std::string_view resource) const;

  struct Payment {
    std::string transaction_id;
    std::string out_trade_no;
    std::string openid;
    int64_t total_fen = 100;
    std::string mchid = "1230000109";
    std::string appid = "wxd678efh567hg6787";
  };
  static std::string payment_resource(const Payment& payment);
  Callback payment(std::string_view event_id, const Payment& payment) const {
    return callback(event_id, "TRANSACTION.SUCCESS", payment_resource(payment));
  }
  /// Signs `timestamp \n nonce \n body \n` and gives the four headers.
  Headers sign(std::string_view body, int64_t timestamp, std::string_view nonce) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const;
  };
  std::unique_ptr<EVP_PKEY, Free> key_;
  std::string serial_ = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
  std::string api_v3_key_ = "0123456789abcdef0123456789ABCDEF";
};

}  // namespace e2e
