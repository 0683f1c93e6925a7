#include "rsa_public_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>

namespace payments {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;

constexpr int k_min_bits = 2048;
constexpr int k_max_bits = 8192;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Key parse_pem(std::string_view pem) {
  Bio input(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!input) return nullptr;
  if (pem.find("-----BEGIN CERTIFICATE-----") == std::string_view::npos) {
    return Key(PEM_read_bio_PUBKEY(input.get(), nullptr, nullptr, nullptr));
  }
  const Certificate certificate(PEM_read_bio_X509(input.get(), nullptr, nullptr, nullptr));
  return certificate ? Key(X509_get_pubkey(certificate.get())) : nullptr;
}

std::string number(const EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) return {};
  const Number value(raw);
  std::string out(static_cast<size_t>(BN_num_bytes(value.get())), '\0');
  BN_bn2bin(value.get(), reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

/// OpenSSL takes numbers of a parameter list in the machine's own byte order.
std::string native(std::string_view big_endian) {
  std::string out(big_endian);
  std::reverse(out.begin(), out.end());
  return out;
}

Key build(const RsaPublicKey& key) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "native() turns bytes around");
  std::string n = native(key.modulus);
  std::string e = native(key.exponent);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, reinterpret_cast<unsigned char*>(n.data()),
                              n.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, reinterpret_cast<unsigned char*>(e.data()),
                              e.size()),
      OSSL_PARAM_construct_end()};
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* built = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &built, EVP_PKEY_PUBLIC_KEY,
                        const_cast<OSSL_PARAM*>(parameters)) != 1) {
    return nullptr;
  }
  return Key(built);
}

/// Empties OpenSSL's queue of errors. True when RSA itself said no to the signature; without memory
/// there are other errors, or none.
bool take_rsa_refusal() {
  bool rsa = false;
  bool memory = false;
  while (const unsigned long error = ERR_get_error()) {
    memory = memory || ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE;
    rsa = rsa || ERR_GET_LIB(error) == ERR_LIB_RSA;
  }
  return rsa && !memory;
}

}  // namespace

std::variant<RsaPublicKey, std::string> read_pem(std::string_view pem) {
  const Key key = pem.size() <= 65'536 ? parse_pem(pem) : nullptr;
  ERR_clear_error();
  if (!key) return "is neither a PEM public key nor a PEM certificate";
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return "is not an RSA key";
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < k_min_bits || bits > k_max_bits) {
    return "has " + std::to_string(bits) + " bits; 2048 to 8192 are accepted";
  }
  RsaPublicKey out{number(key.get(), OSSL_PKEY_PARAM_RSA_N),
                   number(key.get(), OSSL_PKEY_PARAM_RSA_E)};
  if (out.modulus.empty() || out.exponent.empty()) return "cannot be read";
  return out;
}

bool verify_sha256(const RsaPublicKey& key, std::string_view message, std::string_view signature) {
  const Key built = build(key);
  const Digest digest(EVP_MD_CTX_new());
  if (!built || !digest ||
      EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, built.get()) != 1) {
    // The key was looked at when it was registered: only memory can be missing.
    ERR_clear_error();
    throw std::bad_alloc();
  }
  ERR_clear_error();
  const bool holds = EVP_DigestVerify(digest.get(), bytes(signature), signature.size(),
                                      bytes(message), message.size()) == 1;
  if (!take_rsa_refusal() && !holds) throw std::bad_alloc();
  return holds;
}

}  // namespace payments
