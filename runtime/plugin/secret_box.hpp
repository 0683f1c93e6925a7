#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::plugin {

/// Encryption at rest for one plugin: XChaCha20-Poly1305 under a key derived from the host's for
/// this plugin alone.
class SecretBox {
 public:
  static constexpr size_t k_overhead = 1 + 24 + 16;  ///< format, nonce, tag

  SecretBox(const std::array<uint8_t, 32>& host_key, std::string_view plugin);
  ~SecretBox();
  SecretBox(const SecretBox&) = delete;
  SecretBox& operator=(const SecretBox&) = delete;

  /// `sealed` has plain.size() + k_overhead bytes. The nonce is made from `fresh` randomness and
  /// the message, so that a repeated `fresh` cannot reuse one for another message.
  void seal(std::span<const uint8_t, 24> fresh, std::string_view context, std::string_view plain,
            uint8_t* sealed) const;
  /// `plain` has sealed.size() - k_overhead bytes. False when the bytes are not ours or of another
  /// context.
  bool open(std::string_view context, std::string_view sealed, uint8_t* plain) const;

 private:
  std::array<uint8_t, 32> key_;
  std::array<uint8_t, 32> nonce_key_;
};

}  // namespace forecourt::plugin
