#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace payments {

/// An RSA public key as its two numbers, big-endian. Building OpenSSL's key from them is some sixty
/// times cheaper than parsing PEM, so keys are kept like this and built where they are used.
struct RsaPublicKey {
  std::string modulus;
  std::string exponent;
};

/// Reads a PEM public key or the public key of a PEM certificate. The text says why it is refused:
/// not PEM, not RSA, shorter than 2048 bits.
std::variant<RsaPublicKey, std::string> read_pem(std::string_view pem);

/// RSA PKCS#1 v1.5 with SHA-256. False for any signature that is not this key's over `message`;
/// without memory to find out, std::bad_alloc.
bool verify_sha256(const RsaPublicKey& key, std::string_view message, std::string_view signature);

}  // namespace payments
