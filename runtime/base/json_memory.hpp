#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

namespace forecourt::json {

/// RapidJSON's own allocator hands on the null pointer of a failed malloc, and its parsers and
/// writers use it. This one throws std::bad_alloc.
struct ThrowingAllocator {
  static const bool kNeedFree = true;

  void* Malloc(size_t size) { return size == 0 ? nullptr : ::operator new(size); }
  void* Realloc(void* from, size_t had, size_t size) {
    void* const to = Malloc(size);
    if (from != nullptr && to != nullptr) std::memcpy(to, from, std::min(had, size));
    Free(from);
    return to;
  }
  static void Free(void* block) { ::operator delete(block); }
};

}  // namespace forecourt::json
