#include "support/openssl_memory.hpp"

#include <openssl/crypto.h>

#include <cstdlib>

namespace openssl_memory {
namespace {

thread_local int64_t t_left = 0;  // until the one that fails; 0: none does
thread_local bool t_for_good = false;
thread_local bool t_failed = false;

bool fails() {
  if (t_failed && t_for_good) return true;
  if (t_left == 0 || --t_left > 0) return false;
  t_failed = true;
  return true;
}

void* allocate(size_t size, const char*, int) { return fails() ? nullptr : std::malloc(size); }
void* reallocate(void* memory, size_t size, const char*, int) {
  return fails() ? nullptr : std::realloc(memory, size);
}
void release(void* memory, const char*, int) { std::free(memory); }

const bool k_in_place = CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;

}  // namespace

bool in_place() { return k_in_place; }

Failing::Failing(int64_t n, bool for_good) {
  t_left = n;
  t_for_good = for_good;
  t_failed = false;
}
Failing::~Failing() {
  t_left = 0;
  t_for_good = t_failed = false;
}
bool Failing::failed() const { return t_failed; }

}  // namespace openssl_memory
