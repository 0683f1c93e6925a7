#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::secrets {

/// An Ed25519 key of the host. Wiped at the end.
class SigningKey {
 public:
  /// Reads the file (mode 0600), or makes it where there is none.
  static Result<SigningKey> load_or_make(const std::string& path);
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;
  ~SigningKey();

  std::string public_key() const;                      ///< 64 hex digits
  std::string signature(std::string_view text) const;  ///< 128 hex digits

 private:
  explicit SigningKey(const std::array<uint8_t, 32>& seed);
  std::array<uint8_t, 32> public_{};
  std::array<uint8_t, 64> secret_{};
};

/// Whether `text` was signed by the holder of a key; an error when key or signature are no such
/// thing.
Result<bool> is_signed(std::string_view text, std::string_view signature,
                       std::string_view public_key);

}  // namespace forecourt::secrets
