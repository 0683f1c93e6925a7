#include "secrets/signing_key.hpp"

#include <sodium.h>

#include "base/ids.hpp"
#include "secrets/key_file.hpp"

namespace forecourt::secrets {
namespace {

template <size_t N>
std::string hex(const std::array<uint8_t, N>& bytes) {
  std::string text(2 * N + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), N);
  text.pop_back();
  return text;
}

template <size_t N>
bool from_hex(std::string_view text, std::array<uint8_t, N>& bytes) {
  size_t size = 0;
  return text.size() == 2 * N &&
         sodium_hex2bin(bytes.data(), N, text.data(), text.size(), nullptr, &size, nullptr) == 0 &&
         size == N;
}

}  // namespace

SigningKey::SigningKey(const std::array<uint8_t, 32>& seed) {
  crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.data());
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Result<SigningKey> SigningKey::load_or_make(const std::string& path) {
  auto found = read_key_file(path);
  if (!found) return found.error();
  if (*found && (*found)->keys().size() == 1) return SigningKey((*found)->keys().front());
  if (*found) return invalid(path + ": must hold one key of 32 bytes; put the right file back");
  Key seed;
  fill_random(seed);
  const Keyring fresh(seed);
  if (auto written = write_key_file(path, fresh); !written) return written.error();
  return SigningKey(seed);
}

std::string SigningKey::public_key() const { return hex(public_); }

std::string SigningKey::signature(std::string_view text) const {
  std::array<uint8_t, crypto_sign_BYTES> signature;
  crypto_sign_detached(signature.data(), nullptr, reinterpret_cast<const uint8_t*>(text.data()),
                       text.size(), secret_.data());
  return hex(signature);
}

Result<bool> is_signed(std::string_view text, std::string_view signature,
                       std::string_view public_key) {
  std::array<uint8_t, crypto_sign_PUBLICKEYBYTES> key;
  std::array<uint8_t, crypto_sign_BYTES> bytes;
  if (!from_hex(public_key, key))
    return invalid("public key: must be 64 hex digits, as `audit public-key` prints them");
  if (!from_hex(signature, bytes)) return invalid("signature: must be 128 hex digits");
  return crypto_sign_verify_detached(bytes.data(), reinterpret_cast<const uint8_t*>(text.data()),
                                     text.size(), key.data()) == 0;
}

}  // namespace forecourt::secrets
