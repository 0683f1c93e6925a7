#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// One file a target: `LLVMFuzzerTestOneInput` runs one input and dies when what must hold does not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace fuzz {

inline std::string_view text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// `what` must hold for every input.
inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Takes a number below `limit` (at most 256) from the front of the input.
inline size_t take(std::string_view& input, size_t limit) {
  if (input.empty()) return 0;
  const size_t number = static_cast<unsigned char>(input.front()) % limit;
  input.remove_prefix(1);
  return number;
}

}  // namespace fuzz
