#include "secrets/secret_box.hpp"

#include <sodium.h>

#include <cstring>

namespace forecourt::secrets {
namespace {

/// [1][nonce][box]: from when the host had one key. Opened still, by trying each.
constexpr uint8_t k_unnamed_format = 1;
constexpr size_t k_unnamed_header_bytes = 1 + 24;
/// [2][key id][nonce][box]
constexpr uint8_t k_format = 2;

Key derive(const Key& from, std::string_view purpose, std::string_view owner) {
  Key derived;
  crypto_generichash_state state;
  crypto_generichash_init(&state, from.data(), from.size(), derived.size());
  const uint64_t purpose_size = purpose.size();
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(&purpose_size),
                            sizeof purpose_size);
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(purpose.data()),
                            purpose.size());
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(owner.data()), owner.size());
  crypto_generichash_final(&state, derived.data(), derived.size());
  return derived;
}

const uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

bool open_box(const Key& key, std::string_view context, std::string_view nonce_and_box,
              uint8_t* plain) {
  const std::string_view box = nonce_and_box.substr(24);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(plain, nullptr, nullptr, bytes(box), box.size(),
                                                    bytes(context), context.size(),
                                                    bytes(nonce_and_box), key.data()) == 0;
}

}  // namespace

SecretBox::SecretBox(const Keyring& keys, std::string_view owner) {
  for (const Key& key : keys.keys()) {
    Derived derived{{},
                    derive(key, "forecourt secrets 1 key", owner),
                    derive(key, "forecourt secrets 1 nonce", owner)};
    const std::string id = id_of(key);
    sodium_hex2bin(derived.id.data(), derived.id.size(), id.data(), id.size(), nullptr, nullptr,
                   nullptr);
    keys_.push_back(derived);
  }
}

std::shared_ptr<const SecretBox> SecretBox::of_keys(std::string_view keys) {
  static_assert(sizeof(Derived) == 4 + 2 * sizeof(Key));
  if (keys.empty() || keys.size() % sizeof(Derived) != 0) return nullptr;
  std::shared_ptr<SecretBox> box(new SecretBox);
  box->keys_.resize(keys.size() / sizeof(Derived));
  std::memcpy(box->keys_.data(), keys.data(), keys.size());
  return box;
}

std::string SecretBox::keys() const {
  return {reinterpret_cast<const char*>(keys_.data()), keys_.size() * sizeof(Derived)};
}

SecretBox::~SecretBox() {
  for (Derived& key : keys_) sodium_memzero(&key, sizeof key);
}

std::optional<size_t> SecretBox::plain_size(std::string_view sealed) {
  const uint8_t format = sealed.empty() ? 0 : bytes(sealed)[0];
  if (format != k_format && format != k_unnamed_format) return std::nullopt;
  const size_t overhead =
      (format == k_format ? k_header_bytes : k_unnamed_header_bytes) + k_tag_bytes;
  if (sealed.size() < overhead) return std::nullopt;
  return sealed.size() - overhead;
}

void SecretBox::seal(std::span<const uint8_t, 24> fresh, std::string_view context,
                     std::string_view plain, uint8_t* sealed) const {
  const Derived& newest = keys_.front();
  uint8_t* const nonce = sealed + 5;
  crypto_generichash_state state;
  crypto_generichash_init(&state, newest.nonce_key.data(), newest.nonce_key.size(), k_nonce_bytes);
  const uint64_t context_size = context.size();
  crypto_generichash_update(&state, fresh.data(), fresh.size());
  crypto_generichash_update(&state, reinterpret_cast<const uint8_t*>(&context_size),
                            sizeof context_size);
  crypto_generichash_update(&state, bytes(context), context.size());
  crypto_generichash_update(&state, bytes(plain), plain.size());
  crypto_generichash_final(&state, nonce, k_nonce_bytes);
  sealed[0] = k_format;
  std::memcpy(sealed + 1, newest.id.data(), newest.id.size());
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + k_header_bytes, nullptr, bytes(plain),
                                             plain.size(), bytes(context), context.size(), nullptr,
                                             nonce, newest.key.data());
}

bool SecretBox::open(std::string_view context, std::string_view sealed, uint8_t* plain) const {
  if (!plain_size(sealed)) return false;
  if (bytes(sealed)[0] == k_unnamed_format) {
    for (const Derived& key : keys_) {
      if (open_box(key.key, context, sealed.substr(1), plain)) return true;
    }
    return false;
  }
  for (const Derived& key : keys_) {
    if (std::memcmp(bytes(sealed) + 1, key.id.data(), key.id.size()) != 0) continue;
    return open_box(key.key, context, sealed.substr(5), plain);
  }
  return false;
}

bool SecretBox::is_outdated(std::string_view sealed) const {
  const Derived& newest = keys_.front();
  return sealed.size() < k_header_bytes || bytes(sealed)[0] != k_format ||
         std::memcmp(bytes(sealed) + 1, newest.id.data(), newest.id.size()) != 0;
}

}  // namespace forecourt::secrets
