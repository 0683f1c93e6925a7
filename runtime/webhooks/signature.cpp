#include "webhooks/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <new>

#include "base/ids.hpp"

namespace forecourt::webhooks {
namespace {

constexpr std::string_view k_prefix = "whsec_";
constexpr size_t k_bytes_min = 24;
constexpr size_t k_bytes_max = 64;
constexpr size_t k_bytes_new = 32;

const uint8_t* bytes(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

std::string base64(std::span<const uint8_t> plain) {
  std::string text(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<uint8_t*>(text.data()), plain.data(),
                                   static_cast<int>(plain.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace

std::string new_secret() {
  std::array<uint8_t, k_bytes_new> key;
  fill_random(key);
  return std::string(k_prefix) + base64(key);
}

Result<std::string> secret_bytes(std::string_view secret) {
  const Error wrong = invalid("secret: must be whsec_ and the base64 of 24 to 64 bytes");
  if (!secret.starts_with(k_prefix)) return wrong;
  const std::string_view text = secret.substr(k_prefix.size());
  if (text.empty() || text.size() % 4 != 0 || text.size() > 4 * ((k_bytes_max + 2) / 3))
    return wrong;
  std::string key(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<uint8_t*>(key.data()), bytes(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return wrong;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  key.resize(static_cast<size_t>(size) - padding);
  if (key.size() < k_bytes_min || key.size() > k_bytes_max) return wrong;
  return key;
}

std::string sign(std::string_view key, std::string_view id, int64_t timestamp_s,
                 std::string_view body) {
  std::string message(id);
  message += '.';
  message += std::to_string(timestamp_s);
  message += '.';
  message += body;
  std::array<uint8_t, 32> mac;
  unsigned size = mac.size();
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes(message), message.size(),
           mac.data(), &size) == nullptr)
    throw std::bad_alloc();
  return "v1," + base64(mac);
}

}  // namespace forecourt::webhooks
