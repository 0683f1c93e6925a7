#include "faults/host/memory.hpp"

#include <sqlite3.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace faults {
namespace {

std::atomic<int64_t> g_left{0};
std::atomic<int64_t> g_failed{0};
thread_local bool t_exempt = false;

bool fails() {
  if (g_left.load(std::memory_order_relaxed) <= 0 || t_exempt) return false;
  if (g_left.fetch_sub(1) != 1) return false;
  ++g_failed;
  return true;
}

}  // namespace

void fail_allocation(int64_t nth) { g_left = nth; }
int64_t failed_allocations() { return g_failed; }
void never_fail_here() { t_exempt = true; }

}  // namespace faults

#ifdef FORECOURT_SANITIZED
// The sanitizers' allocator stays in place; in front of it stand C++'s operator new and SQLite's
// own table, which is where the host and its plugins allocate.

namespace faults {
namespace {

sqlite3_mem_methods g_real;

void* sqlite_malloc(int size) { return fails() ? nullptr : g_real.xMalloc(size); }
void* sqlite_realloc(void* block, int size) {
  return fails() ? nullptr : g_real.xRealloc(block, size);
}

}  // namespace

void watch_memory() {
  const bool known = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &g_real) == SQLITE_OK;
  sqlite3_mem_methods ours = g_real;
  ours.xMalloc = sqlite_malloc;
  ours.xRealloc = sqlite_realloc;
  if (!known || sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK)
    throw std::runtime_error("SQLite has started before its allocator could be replaced");
}

}  // namespace faults

void* operator new(size_t size) {
  if (faults::fails()) throw std::bad_alloc();
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return faults::fails() ? nullptr : std::malloc(size);
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

#else
// Plugins carry a C++ runtime of their own; what they all end up in is malloc.

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* block, size_t size);

void* malloc(size_t size) {
  if (!faults::fails()) return __libc_malloc(size);
  errno = ENOMEM;
  return nullptr;
}
void* calloc(size_t count, size_t size) {
  if (!faults::fails()) return __libc_calloc(count, size);
  errno = ENOMEM;
  return nullptr;
}
void* realloc(void* block, size_t size) {
  if (!faults::fails()) return __libc_realloc(block, size);
  errno = ENOMEM;
  return nullptr;
}
}

namespace faults {
void watch_memory() {}
}  // namespace faults
#endif
