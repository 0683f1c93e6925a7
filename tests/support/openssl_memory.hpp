#pragma once

#include <cstdint>

/// Lets OpenSSL's allocations fail, in programs that compile openssl_memory.cpp in.
namespace openssl_memory {

/// Whether the allocator could be put in place; it must be, before OpenSSL's first allocation.
bool in_place();

/// While it stands, the `n`th allocation of this thread fails, and with `for_good` all after it.
class Failing {
 public:
  Failing(int64_t n, bool for_good);
  ~Failing();
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;
  /// Whether an allocation failed: false once `n` is beyond what is allocated.
  bool failed() const;
};

/// Runs `attempt` with the first, second, ... allocation failing, once and for good, until a run in
/// which none did.
template <class Attempt>
void each(Attempt&& attempt) {
  for (const bool for_good : {false, true}) {
    for (int64_t n = 1;; ++n) {
      const Failing failing(n, for_good);
      attempt();
      if (!failing.failed()) break;
    }
  }
}

}  // namespace openssl_memory
