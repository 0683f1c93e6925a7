#include "gateway/tokens/key_set.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "gateway/tokens/base64url.hpp"

namespace forecourt::gateway {
namespace {

constexpr size_t k_keys_max = 64;
constexpr size_t k_id_max = 256;
constexpr int k_rsa_bits_min = 2048;
constexpr int k_rsa_bits_max = 8192;
constexpr size_t k_p256_bytes = 32;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Number number(std::string_view big_endian) {
  return Number(BN_bin2bn(octets(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

/// A public key of what the builder holds; null when it is none.
std::shared_ptr<EVP_PKEY> make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  const bool made =
      parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  std::shared_ptr<EVP_PKEY> owned(key, EVP_PKEY_free);
  if (!made) return nullptr;
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? owned : nullptr;
}

Result<std::string> member_bytes(const json::Value& jwk, const char* name) {
  auto bytes = decode_base64url(json::text(jwk, name));
  if (bytes && !bytes->empty()) return std::move(*bytes);
  return invalid(std::string(name) + ": must be base64url without padding");
}

Result<TokenKey> rsa_key(const json::Value& jwk) {
  auto modulus = member_bytes(jwk, "n");
  if (!modulus) return modulus.error();
  auto exponent = member_bytes(jwk, "e");
  if (!exponent) return exponent.error();
  if (modulus->size() > static_cast<size_t>(k_rsa_bits_max) / 8 || exponent->size() > 4)
    return invalid("n, e: larger than is taken here: 8192 bits, 4 bytes");
  const Number n = number(*modulus);
  const Number e = number(*exponent);
  if (BN_num_bits(n.get()) < k_rsa_bits_min)
    return invalid("n: has " + std::to_string(BN_num_bits(n.get())) + " bits, 2048 are needed");
  if (!BN_is_odd(e.get()) || BN_get_word(e.get()) < 65537)
    return invalid("e: must be odd and 65537 or more");
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  auto key = make_key("RSA", builder.get());
  if (!key) return invalid("n, e: are no RSA key");
  return TokenKey{TokenAlgorithm::rs256, std::move(key)};
}

Result<TokenKey> p256_key(const json::Value& jwk) {
  if (json::text(jwk, "crv") != "P-256") return invalid("crv: must be P-256");
  auto x = member_bytes(jwk, "x");
  if (!x) return x.error();
  auto y = member_bytes(jwk, "y");
  if (!y) return y.error();
  if (x->size() != k_p256_bytes || y->size() != k_p256_bytes)
    return invalid("x, y: must be 32 bytes each");
  const std::string point = '\x04' + *x + *y;
  const Builder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  auto key = make_key("EC", builder.get());
  if (!key) return invalid("x, y: are no point of P-256");
  return TokenKey{TokenAlgorithm::es256, std::move(key)};
}

Result<TokenKey> ed25519_key(const json::Value& jwk) {
  if (json::text(jwk, "crv") != "Ed25519") return invalid("crv: must be Ed25519");
  auto x = member_bytes(jwk, "x");
  if (!x) return x.error();
  EVP_PKEY* key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(*x), x->size());
  if (!key) return invalid("x: must be 32 bytes");
  return TokenKey{TokenAlgorithm::eddsa, std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free)};
}

Result<TokenKey> read_key(const json::Value& jwk) {
  for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) {
    if (json::find(jwk, secret))
      return invalid(std::string(secret) + ": a secret does not belong in this file");
  }
  const std::string_view type = json::text(jwk, "kty");
  auto key = type == "RSA"   ? rsa_key(jwk)
             : type == "EC"  ? p256_key(jwk)
             : type == "OKP" ? ed25519_key(jwk)
                             : Result<TokenKey>(invalid("kty: must be RSA, EC or OKP"));
  if (!key) return key;
  const json::Value* algorithm = json::find(jwk, "alg");
  if (algorithm && (!algorithm->IsString() || json::view(*algorithm) != name_of(key->algorithm)))
    return invalid(std::string("alg: must be ") + name_of(key->algorithm) + " for such a key");
  return key;
}

/// The two halves of an ES256 signature as the DER OpenSSL reads; empty when it is none.
std::string der_of(std::string_view raw) {
  if (raw.size() != 2 * k_p256_bytes) return {};
  const EcdsaSignature signature(ECDSA_SIG_new());
  Number r = number(raw.substr(0, k_p256_bytes));
  Number s = number(raw.substr(k_p256_bytes));
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  // The signature owns them now.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &bytes);
  std::string der;
  if (size > 0) der.assign(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

}  // namespace

const char* name_of(TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::rs256: return "RS256";
    case TokenAlgorithm::es256: return "ES256";
    default: return "EdDSA";
  }
}

Result<TokenAlgorithm> token_algorithm(std::string_view name) {
  for (const auto known : {TokenAlgorithm::rs256, TokenAlgorithm::es256, TokenAlgorithm::eddsa}) {
    if (name == name_of(known)) return known;
  }
  return invalid("must be RS256, ES256 or EdDSA");
}

bool TokenKey::verifies(std::string_view signed_text, std::string_view signature) const {
  std::string der;
  if (algorithm == TokenAlgorithm::es256) {
    der = der_of(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const EVP_MD* digest = algorithm == TokenAlgorithm::eddsa ? nullptr : EVP_sha256();
  const DigestContext context(EVP_MD_CTX_new());
  const bool good = EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.get()) == 1 &&
                    EVP_DigestVerify(context.get(), octets(signature), signature.size(),
                                     octets(signed_text), signed_text.size()) == 1;
  ERR_clear_error();
  return good;
}

Result<KeySet> read_key_set(const json::Value& document) {
  const json::Value* list = json::find(document, "keys");
  if (!list || !list->IsArray()) return invalid("keys: must be an array of JSON Web Keys");
  if (list->Size() > k_keys_max) return invalid("keys: must be at most 64");
  KeySet keys;
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    const json::Value& jwk = (*list)[i];
    const std::string place = "keys[" + std::to_string(i) + "]: ";
    if (!jwk.IsObject()) return invalid(place + "must be an object");
    if (json::text(jwk, "use", "sig") != "sig") continue;
    const std::string id(json::text(jwk, "kid"));
    if (id.empty() || id.size() > k_id_max)
      return invalid(place + "kid: must be a text of 1 to 256 bytes");
    auto key = read_key(jwk);
    ERR_clear_error();
    if (!key) return invalid(place + key.error().message);
    if (!keys.emplace(id, std::move(*key)).second)
      return invalid(place + "kid: another key has it already");
  }
  return keys;
}

}  // namespace forecourt::gateway
