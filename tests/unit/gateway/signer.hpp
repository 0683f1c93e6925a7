#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace forecourt::gateway::testing {

std::string base64url_of(std::string_view bytes);

/// A private key made for the test, as an issuer of tokens has one.
class Signer {
 public:
  static Signer rsa(std::string id, unsigned bits = 2048);
  static Signer p256(std::string id);
  static Signer ed25519(std::string id);

  const std::string& id() const { return id_; }
  const std::string& algorithm() const { return algorithm_; }
  /// The public key as a JSON Web Key; `more` are further members, with a comma in front.
  std::string jwk(const std::string& more = {}) const;
  std::string public_pem() const;
  /// Raw, as RFC 7518 has it.
  std::string sign(std::string_view text) const;
  /// As OpenSSL makes it: DER for ECDSA.
  std::string sign_as_is(std::string_view text) const;

  /// header.payload.signature of these JSON texts.
  std::string token(const std::string& header, const std::string& payload) const;
  /// With the header such a token has.
  std::string token(const std::string& payload) const;

 private:
  Signer(std::string id, std::string algorithm, evp_pkey_st* key);
  std::string number(const char* name, int bytes = 0) const;

  std::string id_;
  std::string algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace forecourt::gateway::testing
