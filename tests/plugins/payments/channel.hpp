#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace payments::test {

/// A key pair of the channel's, made for the test.
class PlatformKey {
 public:
  explicit PlatformKey(std::string serial, int bits = 2048);

  const std::string& serial() const { return serial_; }
  std::string public_key_pem() const;
  /// A certificate signed by the key itself.
  std::string certificate_pem() const;
  /// Base64 of RSA-SHA256 over `message`.
  std::string sign(std::string_view message) const;

 private:
  std::string serial_;
  std::shared_ptr<EVP_PKEY> key_;
};

struct Callback {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// The same callback with another value of a header; no value takes it away.
  Callback with(std::string_view name, std::string_view value) const;
  Callback without(std::string_view name) const;
};

inline constexpr std::string_view k_api_v3_key = "0123456789abcdef0123456789ABCDEF";
inline constexpr std::string_view k_gcm_nonce = "fdasflkja484";

std::string to_base64(std::string_view bytes);
/// AES-256-GCM as the channel does it; the tag comes last.
std::string encrypt(std::string_view key, std::string_view nonce, std::string_view associated_data,
                    std::string_view plain);

/// The envelope around an encrypted resource.
std::string envelope(std::string_view event_id, std::string_view event_type,
                     std::string_view resource, std::string_view api_v3_key = k_api_v3_key);
/// `body` with the headers that `key` signs it with at `timestamp` (seconds).
Callback signed_by(const PlatformKey& key, std::string body, int64_t timestamp);

struct Transaction {
  std::string transaction_id = "4200000001202611220000000001";
  std::string out_trade_no = "order-000001";
  std::string openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";
  int64_t total_fen = 24'300;
  std::string mchid = "1230000109";
  std::string appid = "wxd678efh567hg6787";
  std::string currency = "CNY";
  std::string trade_state = "SUCCESS";
};
std::string resource_of(const Transaction& transaction);

struct Refund {
  std::string refund_id = "50200207182018070300011301001";
  std::string transaction_id = "4200000001202611220000000001";
  std::string out_trade_no = "order-000001";
  int64_t refund_fen = 300;
  int64_t total_fen = 24'300;
  std::string status = "SUCCESS";
  std::string mchid = "1230000109";
};
std::string resource_of(const Refund& refund);

/// A file below tests/data.
std::string test_data(std::string_view name);

}  // namespace payments::test
