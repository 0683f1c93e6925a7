#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace forecourt::gateway {

/// The signatures that are taken. There is no other, "none" and the shared secrets of HS* least of
/// all.
enum class TokenAlgorithm { rs256, es256, eddsa };

const char* name_of(TokenAlgorithm algorithm);
/// Result of a name in a header or a file: an error for everything else.
Result<TokenAlgorithm> token_algorithm(std::string_view name);

/// A public key and the only algorithm it may be used with.
struct TokenKey {
  TokenAlgorithm algorithm = TokenAlgorithm::rs256;
  std::shared_ptr<evp_pkey_st> key;

  /// Whether `signature`, raw as in RFC 7518, is that of `signed_text`.
  bool verifies(std::string_view signed_text, std::string_view signature) const;
};

/// By key id.
using KeySet = std::map<std::string, TokenKey, std::less<>>;

/// The signature keys of a JWKS (RFC 7517). Refused: keys without an id or with that of another,
/// private and shared secret ones, RSA below 2048 bits, points that are not on their curve. Keys
/// whose `use` is not "sig" are passed over.
Result<KeySet> read_key_set(const json::Value& document);

}  // namespace forecourt::gateway
