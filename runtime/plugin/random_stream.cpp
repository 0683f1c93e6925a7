#include "plugin/random_stream.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/ids.hpp"

namespace forecourt::plugin {
namespace {

/// Fast key erasure: each refill replaces the key by the first bytes of its own output.
class ThreadGenerator {
 public:
  void take(std::span<uint8_t, 32> out) {
    if (at_ == sizeof pool_) refill();
    std::memcpy(out.data(), pool_ + at_, 32);
    sodium_memzero(pool_ + at_, 32);
    at_ += 32;
  }

 private:
  void refill() {
    if (!keyed_) {
      fill_random(key_);
      keyed_ = true;
    }
    static constexpr uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = {};
    crypto_stream_chacha20_ietf(pool_, sizeof pool_, nonce, key_.data());
    std::memcpy(key_.data(), pool_, key_.size());
    sodium_memzero(pool_, key_.size());
    at_ = key_.size();
  }

  std::array<uint8_t, 32> key_{};
  bool keyed_ = false;
  uint8_t pool_[1024];
  size_t at_ = sizeof pool_;
};

}  // namespace

void fill_seed(std::span<uint8_t, 32> seed) {
  thread_local ThreadGenerator generator;
  generator.take(seed);
}

RandomStream::~RandomStream() {
  if (!seeded_) return;
  sodium_memzero(seed_.data(), seed_.size());
  sodium_memzero(block_.data(), block_.size());
}

void RandomStream::rewind(uint32_t phase) {
  phase_ = phase;
  next_block_ = 0;
  used_ = block_.size();
}

void RandomStream::fill(std::span<uint8_t> bytes) {
  if (!seeded_) {
    fill_seed(seed_);
    seeded_ = true;
  }
  while (!bytes.empty()) {
    if (used_ == block_.size()) {
      uint8_t nonce[crypto_stream_chacha20_ietf_NONCEBYTES] = {};
      std::memcpy(nonce, &phase_, sizeof phase_);
      static constexpr std::array<uint8_t, 64> zeros{};
      crypto_stream_chacha20_ietf_xor_ic(block_.data(), zeros.data(), zeros.size(), nonce,
                                         next_block_++, seed_.data());
      used_ = 0;
    }
    const size_t n = std::min(bytes.size(), block_.size() - used_);
    std::memcpy(bytes.data(), block_.data() + used_, n);
    used_ += n;
    bytes = bytes.subspan(n);
  }
}

}  // namespace forecourt::plugin
