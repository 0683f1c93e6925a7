#pragma once

#include <sodium.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace forecourt::plugin {

/// The memory behind views handed to a plugin: lives until the plugin's current function returns.
class Arena {
 public:
  ~Arena() { reset(); }

  uint8_t* take(size_t n) {
    if (chunks_.empty() || chunks_.back().size - chunks_.back().used < n) {
      const size_t size = std::max<size_t>(n, 1024);
      chunks_.push_back({std::make_unique<uint8_t[]>(size), size, 0});
    }
    Chunk& chunk = chunks_.back();
    uint8_t* const at = chunk.bytes.get() + chunk.used;
    chunk.used += n;
    return at;
  }
  std::string_view copy(std::string_view text) {
    uint8_t* const at = take(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    return {reinterpret_cast<char*>(at), text.size()};
  }
  /// What was taken holds a secret: reset overwrites it.
  void hold_secret() { secret_ = true; }

  void reset() {
    if (secret_) {
      for (Chunk& chunk : chunks_) sodium_memzero(chunk.bytes.get(), chunk.size);
    }
    secret_ = false;
    chunks_.clear();
  }

 private:
  struct Chunk {
    std::unique_ptr<uint8_t[]> bytes;
    size_t size;
    size_t used;
  };
  std::vector<Chunk> chunks_;
  bool secret_ = false;
};

}  // namespace forecourt::plugin
