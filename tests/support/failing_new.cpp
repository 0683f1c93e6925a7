#include "support/failing_new.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace failing_new {
namespace {

std::atomic<int64_t> g_left{0};  // until the one that fails; 0: none does
std::atomic<bool> g_failed{false};
std::atomic<Of> g_threads{Of::all_but_this_thread};
thread_local bool t_this = false;  // the one that made the Failing

bool fails() {
  if (t_this != (g_threads == Of::this_thread) || g_left.load() <= 0 || g_left.fetch_sub(1) != 1)
    return false;
  g_failed = true;
  return true;
}

}  // namespace

Failing::Failing(int64_t n, Of threads) {
  t_this = true;
  g_threads = threads;
  g_failed = false;
  g_left = n;
}
Failing::~Failing() {
  g_left = 0;
  t_this = false;
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
