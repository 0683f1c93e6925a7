#include "secrets/keyring.hpp"

#include <sodium.h>

#include <algorithm>
#include <optional>

#include "base/ids.hpp"

namespace forecourt::secrets {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_space = " \t\r\n";
  const size_t begin = text.find_first_not_of(k_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_space) - begin + 1);
}

std::optional<Key> parse_key(std::string_view text) {
  Key key;
  size_t size = 0;
  if (text.size() == 2 * key.size()) {
    if (sodium_hex2bin(key.data(), key.size(), text.data(), text.size(), nullptr, &size, nullptr))
      return std::nullopt;
    return size == key.size() ? std::optional(key) : std::nullopt;
  }
  if (text.size() == 44 && text.back() == '=') text.remove_suffix(1);
  if (text.size() != 43) return std::nullopt;
  for (const int variant :
       {sodium_base64_VARIANT_ORIGINAL_NO_PADDING, sodium_base64_VARIANT_URLSAFE_NO_PADDING}) {
    const int failed = sodium_base642bin(key.data(), key.size(), text.data(), text.size(), nullptr,
                                         &size, nullptr, variant);
    if (failed == 0 && size == key.size()) return key;
  }
  return std::nullopt;
}

}  // namespace

std::string id_of(const Key& key) {
  std::array<uint8_t, 32> hash;
  crypto_generichash(hash.data(), hash.size(), key.data(), key.size(), nullptr, 0);
  char text[9];
  sodium_bin2hex(text, sizeof text, hash.data(), 4);
  return text;
}

Result<Keyring> Keyring::of(std::vector<Key> keys) {
  if (keys.empty()) return invalid("there is no key");
  if (keys.size() > k_keys_max)
    return invalid("more than " + std::to_string(k_keys_max) + " keys: drop the oldest");
  Keyring ring(std::move(keys));
  std::vector<std::string> ids = ring.ids();
  std::ranges::sort(ids);
  if (const auto twice = std::ranges::adjacent_find(ids); twice != ids.end())
    return invalid("key " + *twice + " is there twice");
  return ring;
}

Keyring::~Keyring() {
  for (Key& key : keys_) sodium_memzero(key.data(), key.size());
}

std::vector<std::string> Keyring::ids() const {
  std::vector<std::string> ids;
  for (const Key& key : keys_) ids.push_back(id_of(key));
  return ids;
}

bool Keyring::has(std::string_view id) const {
  return std::ranges::any_of(keys_, [id](const Key& key) { return id_of(key) == id; });
}

Result<Keyring> Keyring::rotated() const {
  Key fresh;
  fill_random(fresh);
  std::vector<Key> keys = {fresh};
  keys.insert(keys.end(), keys_.begin(), keys_.end());
  return of(std::move(keys));
}

Result<Keyring> Keyring::without(std::string_view id) const {
  if (id_of(keys_.front()) == id)
    return Error{Code::conflict,
                 "key " + std::string(id) + " is the newest, which seals: rotate first"};
  std::vector<Key> keys = keys_;
  if (std::erase_if(keys, [id](const Key& key) { return id_of(key) == id; }) == 0)
    return not_found("there is no key " + std::string(id));
  return of(std::move(keys));
}

Result<Keyring> parse_keyring(std::string_view text) {
  std::vector<Key> keys;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    const auto key = parse_key(trimmed(text.substr(begin, comma - begin)));
    if (!key) {
      return invalid("key " + std::to_string(keys.size() + 1) +
                     ": must be 32 bytes, as 64 hex digits or as base64; `openssl rand -hex 32` "
                     "makes one");
    }
    keys.push_back(*key);
    begin = comma + 1;
  }
  return Keyring::of(std::move(keys));
}

}  // namespace forecourt::secrets
