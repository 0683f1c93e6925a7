#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace forecourt::secrets {

using Key = std::array<uint8_t, 32>;

/// Names a key without telling anything of it: eight hex digits of its hash.
std::string id_of(const Key& key);

/// The host's keys, newest first: the newest seals, all of them open. At least one, each once.
/// Wiped at the end.
class Keyring {
 public:
  static constexpr size_t k_keys_max = 32;

  explicit Keyring(const Key& only) : keys_{only} {}
  static Result<Keyring> of(std::vector<Key> keys);
  Keyring(const Keyring&) = default;
  Keyring& operator=(const Keyring&) = default;
  ~Keyring();

  const std::vector<Key>& keys() const { return keys_; }
  std::vector<std::string> ids() const;  ///< newest first
  bool has(std::string_view id) const;

  /// With a new random key in front.
  Result<Keyring> rotated() const;
  /// Without one that is not the newest.
  Result<Keyring> without(std::string_view id) const;

 private:
  explicit Keyring(std::vector<Key> keys) : keys_(std::move(keys)) {}
  std::vector<Key> keys_;
};

/// Keys of 32 bytes in hex or base64, newest first, commas between. Errors never hold the text.
Result<Keyring> parse_keyring(std::string_view text);

}  // namespace forecourt::secrets
