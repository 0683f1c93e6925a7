#include "wecom_crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <forecourt/cpp/base64.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <new>

namespace community::wecom {
namespace {

constexpr size_t k_encoding_aes_key_chars = 43;
constexpr size_t k_key_bytes = 32;
constexpr size_t k_aes_block_bytes = 16;
constexpr size_t k_padding_block_bytes = 32;
constexpr size_t k_random_bytes = 16;
constexpr size_t k_length_bytes = 4;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string digest(const EVP_MD* kind, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), out.data(), &size, kind, nullptr) != 1)
    throw std::bad_alloc();  // nothing else can be missing
  return {reinterpret_cast<const char*>(out.data()), size};
}

std::string hex(std::string_view text) {
  static constexpr char k_digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += k_digits[byte >> 4];
    out += k_digits[byte & 15];
  }
  return out;
}

/// The plain blocks, padding included. OpenSSL's own unpadding knows 16-byte blocks only and would
/// refuse half of what WeCom sends.
std::optional<std::string> decrypt_blocks(std::string_view key, std::string_view cipher) {
  std::string plain(cipher.size() + k_aes_block_bytes, '\0');
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  auto* out = reinterpret_cast<unsigned char*>(plain.data());
  int written = 0;
  int rest = 0;
  const bool good =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_cbc(), nullptr, bytes(key), bytes(key)) == 1 &&
      EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
      EVP_DecryptUpdate(context.get(), out, &written, bytes(cipher),
                        static_cast<int>(cipher.size())) == 1;
  if (!good) throw std::bad_alloc();  // whole blocks: nothing else can be missing
  if (EVP_DecryptFinal_ex(context.get(), out + written, &rest) != 1) return std::nullopt;
  plain.resize(static_cast<size_t>(written + rest));
  return plain;
}

/// Cuts 1 to 32 bytes that all tell their number. False when they do not.
bool strip_padding(std::string& plain) {
  if (plain.empty()) return false;
  const auto count = static_cast<unsigned char>(plain.back());
  if (count < 1 || count > k_padding_block_bytes || count > plain.size()) return false;
  const auto first = plain.end() - count;
  if (std::any_of(first, plain.end(), [&plain](char c) { return c != plain.back(); })) return false;
  plain.erase(first, plain.end());
  return true;
}

uint32_t big_endian(std::string_view text) {
  uint32_t out = 0;
  for (const char c : text) out = (out << 8) | static_cast<unsigned char>(c);
  return out;
}

}  // namespace

std::string signature(std::string_view token, const Signed& what) {
  std::array<std::string_view, 4> parts{token, what.timestamp, what.nonce, what.encrypt};
  std::sort(parts.begin(), parts.end());
  std::string joined;
  for (const std::string_view part : parts) joined += part;
  return hex(digest(EVP_sha1(), joined));
}

bool signature_holds(std::string_view token, const Signed& what, std::string_view msg_signature) {
  const std::string expected = signature(token, what);
  return !expected.empty() && expected.size() == msg_signature.size() &&
         CRYPTO_memcmp(expected.data(), msg_signature.data(), expected.size()) == 0;
}

std::optional<Plain> decrypt(std::string_view encoding_aes_key, std::string_view encrypt) {
  if (encoding_aes_key.size() != k_encoding_aes_key_chars) return std::nullopt;
  auto key = fc::from_base64_unpadded(encoding_aes_key);
  const auto cipher = fc::from_base64_unpadded(encrypt);
  if (!key || key->size() != k_key_bytes || !cipher) return std::nullopt;
  if (cipher->empty() || cipher->size() % k_aes_block_bytes != 0) return std::nullopt;

  auto plain = decrypt_blocks(*key, *cipher);
  OPENSSL_cleanse(key->data(), key->size());
  if (!plain || !strip_padding(*plain)) return std::nullopt;
  constexpr size_t k_head_bytes = k_random_bytes + k_length_bytes;
  if (plain->size() < k_head_bytes) return std::nullopt;
  const size_t length = big_endian(std::string_view(*plain).substr(k_random_bytes, k_length_bytes));
  if (length > plain->size() - k_head_bytes) return std::nullopt;
  return Plain{plain->substr(k_head_bytes, length), plain->substr(k_head_bytes + length)};
}

std::string sha256(std::string_view text) { return digest(EVP_sha256(), text); }

}  // namespace community::wecom
