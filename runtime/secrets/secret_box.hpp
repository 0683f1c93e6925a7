#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "secrets/keyring.hpp"

namespace forecourt::secrets {

/// Encryption at rest for one owner (a plugin, or a part of the host): XChaCha20-Poly1305 under
/// keys derived from the host's for this owner alone. Sealed bytes name the key they are under.
class SecretBox {
 public:
  SecretBox(const Keyring& keys, std::string_view owner);
  /// The same box from what `keys` of it gave; null for anything else.
  static std::shared_ptr<const SecretBox> of_keys(std::string_view keys);
  ~SecretBox();
  SecretBox(const SecretBox&) = delete;
  SecretBox& operator=(const SecretBox&) = delete;

  static constexpr size_t sealed_size(size_t plain_size) {
    return k_header_bytes + plain_size + k_tag_bytes;
  }
  /// How long what is in there is; nothing when the bytes are not of a format of ours.
  static std::optional<size_t> plain_size(std::string_view sealed);

  /// `sealed` has sealed_size(plain.size()) bytes. The nonce is made from `fresh` randomness and
  /// the message, so that a repeated `fresh` cannot reuse one for another message.
  void seal(std::span<const uint8_t, 24> fresh, std::string_view context, std::string_view plain,
            uint8_t* sealed) const;
  /// `plain` has plain_size(sealed) bytes. False when the bytes are not ours, of another context or
  /// under a key that is not there.
  bool open(std::string_view context, std::string_view sealed, uint8_t* plain) const;

  /// The keys it seals and opens with: they open nothing of another owner's, and the host's own
  /// cannot be had from them.
  std::string keys() const;

  /// Whether these bytes would be sealed under another key, or otherwise, today.
  bool is_outdated(std::string_view sealed) const;

 private:
  SecretBox() = default;
  static constexpr size_t k_nonce_bytes = 24;
  static constexpr size_t k_tag_bytes = 16;
  static constexpr size_t k_header_bytes = 1 + 4 + k_nonce_bytes;  ///< format, key id, nonce

  struct Derived {
    std::array<uint8_t, 4> id;  ///< of the host's key
    Key key;
    Key nonce_key;
  };
  std::vector<Derived> keys_;  ///< newest first
};

}  // namespace forecourt::secrets
