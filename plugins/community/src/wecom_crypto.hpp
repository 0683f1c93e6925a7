#pragma once

#include <optional>
#include <string>
#include <string_view>

/// WeCom's callback encryption: what is true of the bytes.
namespace community::wecom {

/// What is signed beside the token.
struct Signed {
  std::string_view timestamp;
  std::string_view nonce;
  std::string_view encrypt;  ///< the base64 text, as it came
};

/// Hex SHA-1 over token, timestamp, nonce and encrypt in ascending order.
std::string signature(std::string_view token, const Signed& what);
/// Compares in constant time.
bool signature_holds(std::string_view token, const Signed& what, std::string_view msg_signature);

struct Plain {
  std::string message;
  std::string receive_id;
};

/// AES-256-CBC under the 43 characters of an EncodingAESKey: 16 random bytes, the length, the
/// message, whom it is for, padded to 32-byte blocks. nullopt for whatever is not exactly that.
std::optional<Plain> decrypt(std::string_view encoding_aes_key, std::string_view encrypt);

std::string sha256(std::string_view bytes);

}  // namespace community::wecom
