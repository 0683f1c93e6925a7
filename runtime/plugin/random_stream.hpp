#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace forecourt::plugin {

/// 32 unpredictable bytes. Cheap: a generator per thread, seeded by the kernel, whose key is erased
/// as it goes.
void fill_seed(std::span<uint8_t, 32> seed);

/// The randomness of one call: a ChaCha20 stream whose seed is drawn when it is first used and kept
/// for the call's life, so that a second run reads the same bytes. Each phase has a stream of its
/// own.
class RandomStream {
 public:
  ~RandomStream();
  /// Back to the first byte of a phase's stream.
  void rewind(uint32_t phase);
  void fill(std::span<uint8_t> bytes);

 private:
  std::array<uint8_t, 32> seed_;
  std::array<uint8_t, 64> block_;
  bool seeded_ = false;
  uint32_t phase_ = 0;
  uint32_t next_block_ = 0;
  size_t used_ = 64;  ///< of block_
};

}  // namespace forecourt::plugin
