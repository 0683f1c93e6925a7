#include "support/failing_new.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace failing_new {
namespace {

std::atomic<int64_t> g_left{0};  // until the one that fails; 0: none does
std::atomic<bool> g_failed{false};
thread_local bool t_exempt = false;

bool fails() {
  if (t_exempt || g_left.load() <= 0 || g_left.fetch_sub(1) != 1) return false;
  g_failed = true;
  return true;
}

}  // namespace

Failing::Failing(int64_t n) {
  t_exempt = true;
  g_failed = false;
  g_left = n;
}
Failing::~Failing() {
  g_left = 0;
  t_exempt = false;
}
bool Failing::failed() const { return g_failed; }

}  // namespace failing_new

void* operator new(size_t size) {
  if (failing_new::fails()) throw std::bad_alloc();
  if (void* block = std::malloc(size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
