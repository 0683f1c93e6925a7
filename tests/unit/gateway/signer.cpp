#include "unit/gateway/signer.hpp"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <cstdlib>
#include <span>

#include "org/credential.hpp"

namespace forecourt::gateway::testing {
namespace {

void must(bool done) {
  if (!done) std::abort();  // the test's own OpenSSL call is wrong
}

}  // namespace

std::string base64url_of(std::string_view bytes) {
  return org::base64url(std::span(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
}

Signer::Signer(std::string id, std::string algorithm, evp_pkey_st* key)
    : id_(std::move(id)), algorithm_(std::move(algorithm)), key_(key, EVP_PKEY_free) {
  must(key != nullptr);
}

Signer Signer::rsa(std::string id, unsigned bits) {
  return {std::move(id), "RS256", EVP_RSA_gen(bits)};
}
Signer Signer::p256(std::string id) { return {std::move(id), "ES256", EVP_EC_gen("P-256")}; }
Signer Signer::ed25519(std::string id) {
  return {std::move(id), "EdDSA", EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
}

std::string Signer::number(const char* name, int bytes) const {
  BIGNUM* value = nullptr;
  must(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1);
  std::string text(static_cast<size_t>(bytes > 0 ? bytes : BN_num_bytes(value)), '\0');
  must(BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()),
                    static_cast<int>(text.size())) >= 0);
  BN_free(value);
  return base64url_of(text);
}

std::string Signer::jwk(const std::string& more) const {
  std::string text = R"({"kid":")" + id_ + R"(","alg":")" + algorithm_ + R"(",)";
  if (algorithm_ == "RS256") {
    text += R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
            number(OSSL_PKEY_PARAM_RSA_E) + '"';
  } else if (algorithm_ == "ES256") {
    text += R"("kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
            R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + '"';
  } else {
    std::array<unsigned char, 32> raw{};
    size_t size = raw.size();
    must(EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) == 1);
    text += R"("kty":"OKP","crv":"Ed25519","x":")" + org::base64url(raw) + '"';
  }
  return text + more + '}';
}

std::string Signer::public_pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  must(PEM_write_bio_PUBKEY(memory, key_.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(memory);
  return pem;
}

std::string Signer::sign_as_is(std::string_view text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const EVP_MD* digest = algorithm_ == "EdDSA" ? nullptr : EVP_sha256();
  must(EVP_DigestSignInit(context, nullptr, digest, nullptr, key_.get()) == 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  must(EVP_DigestSign(context, nullptr, &size, bytes, text.size()) == 1);
  std::string signature(size, '\0');
  must(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                      text.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  return signature;
}

std::string Signer::sign(std::string_view text) const {
  const std::string signature = sign_as_is(text);
  if (algorithm_ != "ES256") return signature;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(signature.size()));
  must(pair != nullptr);
  std::string raw(64, '\0');
  auto* into = reinterpret_cast<unsigned char*>(raw.data());
  must(BN_bn2binpad(ECDSA_SIG_get0_r(pair), into, 32) == 32);
  must(BN_bn2binpad(ECDSA_SIG_get0_s(pair), into + 32, 32) == 32);
  ECDSA_SIG_free(pair);
  return raw;
}

std::string Signer::token(const std::string& header, const std::string& payload) const {
  const std::string text = base64url_of(header) + '.' + base64url_of(payload);
  return text + '.' + base64url_of(sign(text));
}

std::string Signer::token(const std::string& payload) const {
  return token(R"({"alg":")" + algorithm_ + R"(","kid":")" + id_ + R"(","typ":"JWT"})", payload);
}

}  // namespace forecourt::gateway::testing
