#include "org/credential.hpp"

#include <openssl/sha.h>

#include <new>

#include "base/ids.hpp"

namespace forecourt::org {

Digest digest_of(std::string_view credential) {
  Digest digest;
  const auto* bytes = reinterpret_cast<const unsigned char*>(credential.data());
  // Only memory can be missing; what stood in `digest` then would be nobody's.
  if (SHA256(bytes, credential.size(), digest.data()) == nullptr) throw std::bad_alloc();
  return digest;
}

std::string base64url(std::span<const uint8_t> bytes) {
  constexpr char k_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  uint32_t carried = 0;
  int bits = 0;
  for (const uint8_t byte : bytes) {
    carried = (carried << 8 | byte) & 0xFFFF;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += k_alphabet[carried >> bits & 63];
    }
  }
  if (bits > 0) text += k_alphabet[carried << (6 - bits) & 63];
  return text;
}

std::string new_credential() {
  std::array<uint8_t, 32> secret;
  fill_random(secret);
  return "fck_" + base64url(secret);
}

Result<void> check_chosen_credential(std::string_view credential) {
  if (credential.size() < 16) {
    return invalid("must be at least 16 bytes long, has " + std::to_string(credential.size()));
  }
  if (credential.size() > 256) return invalid("must be at most 256 bytes long");
  for (const char c : credential) {
    if (c < 0x20 || c > 0x7E) return invalid("must be printable ASCII characters only");
  }
  if (credential.front() == ' ' || credential.back() == ' ') {
    return invalid("must not start or end with a space: it could not travel in a header");
  }
  return {};
}

}  // namespace forecourt::org
