#pragma once

#include <forecourt/cpp/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rsa_public_key.hpp"

/// WeChat Pay APIv3 callbacks: what is true of the bytes, before anything is known about the
/// business.
namespace payments::wechat {

/// The Wechatpay-* headers; an absent one is empty.
struct Headers {
  std::string_view timestamp;
  std::string_view nonce;
  std::string_view signature;
  std::string_view serial;
  std::string_view signature_type;
};

/// Why a callback is refused. `label` is for metrics.
struct Refusal {
  int status;
  const char* label;
  const char* message;
};

/// Everything that can be said without a key: all headers there, a known signature type, a
/// timestamp less than 300 seconds away in either direction, no signature probe.
std::optional<Refusal> check_headers(const Headers& headers, int64_t now_ms);

/// Whether `headers.signature` is the key's over timestamp, nonce and the raw body.
bool signature_holds(const Headers& headers, std::string_view body, const RsaPublicKey& key);

/// Serials of certificates are hexadecimal and compare without case; public key ids compare as they
/// are.
std::string normal_serial(std::string_view serial);

/// A verified and decrypted callback.
struct Notification {
  std::string id;
  std::string event_type;
  std::string resource_text;  ///< the plain bytes, well-formed UTF-8, without a byte order mark
  fc::Json resource;          ///< an object
};

/// Reads the envelope and decrypts its resource with the 32-byte APIv3 key. Only for bodies whose
/// signature holds. nullopt: not JSON of this shape, another algorithm, another key, or changed on
/// the way.
std::optional<Notification> open(std::string_view body, std::string_view api_v3_key);

/// AEAD_AES_256_GCM with a 12-byte nonce; the last 16 bytes of `sealed` are the tag. Without memory
/// to find out, std::bad_alloc.
std::optional<std::string> decrypt(std::string_view key, std::string_view nonce,
                                   std::string_view associated_data, std::string_view sealed);

}  // namespace payments::wechat
