#include "gateway/digest.hpp"

#include <openssl/evp.h>

#include <new>

namespace forecourt::gateway {
namespace {

/// SHA-256 itself cannot fail, only memory can be missing.
void must(int outcome) {
  if (outcome != 1) throw std::bad_alloc();
}

}  // namespace

struct Sha256Stream::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {
  must(state_->context != nullptr ? 1 : 0);
  must(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}
Sha256Stream::~Sha256Stream() = default;

void Sha256Stream::add(std::string_view bytes) {
  must(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()));
}

Sha256 Sha256Stream::finish() {
  Sha256 digest{};
  must(EVP_DigestFinal_ex(state_->context, digest.data(), nullptr));
  return digest;
}

Sha256 sha256(std::string_view bytes) {
  Sha256Stream stream;
  stream.add(bytes);
  return stream.finish();
}

std::string to_hex(const Sha256& digest) {
  constexpr char k_digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const uint8_t byte : digest) {
    text += k_digits[byte >> 4];
    text += k_digits[byte & 15];
  }
  return text;
}

}  // namespace forecourt::gateway
