#include "plugin/secret_box.hpp"

#include <sodium.h>

#include <cstring>

namespace forecourt::plugin {
namespace {

constexpr uint8_t k_format = 1;

void derive(std::array<uint8_t, 32>& into, const std::array<uint8_t, 32>& from,
            std::string_view purpose, std::string_view plugin) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, from.data(), from.size(), into.size());
  const uint64_t purpose_size = purpose.size();
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(&purpose_size),
                            sizeof purpose_size);
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(purpose.data()),
                            purpose.size());
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(plugin.data()), plugin.size());
  crypto_generichash_final(&state, into.data(), into.size());
}

const uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

}  // namespace

SecretBox::SecretBox(const std::array<uint8_t, 32>& host_key, std::string_view plugin) {
  derive(key_, host_key, "forecourt secrets 1 key", plugin);
  derive(nonce_key_, host_key, "forecourt secrets 1 nonce", plugin);
}

SecretBox::~SecretBox() {
  sodium_memzero(key_.data(), key_.size());
  sodium_memzero(nonce_key_.data(), nonce_key_.size());
}

void SecretBox::seal(std::span<const uint8_t, 24> fresh, std::string_view context,
                     std::string_view plain, uint8_t* sealed) const {
  uint8_t* const nonce = sealed + 1;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nonce_key_.data(), nonce_key_.size(), 24);
  const uint64_t context_size = context.size();
  crypto_generichash_update(&state, fresh.data(), fresh.size());
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(&context_size),
                            sizeof context_size);
  crypto_generichash_update(&state, bytes(context), context.size());
  crypto_generichash_update(&state, bytes(plain), plain.size());
  crypto_generichash_final(&state, nonce, 24);
  sealed[0] = k_format;
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + 25, nullptr, bytes(plain), plain.size(),
                                             bytes(context), context.size(), nullptr, nonce,
                                             key_.data());
}

bool SecretBox::open(std::string_view context, std::string_view sealed, uint8_t* plain) const {
  if (sealed.size() < k_overhead || bytes(sealed)[0] != k_format) return false;
  const std::string_view box = sealed.substr(25);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, nullptr, nullptr, bytes(box), box.size(),
                                                    bytes(context), context.size(),
                                                    bytes(sealed) + 1, key_.data()) == 0;
}

}  // namespace forecourt::plugin
