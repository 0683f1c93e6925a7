#pragma once

#include <cstdint>

/// Lets C++ allocations fail, in programs that compile failing_new.cpp in.
namespace failing_new {

enum class Of { all_but_this_thread, this_thread };

/// While it stands, the `n`th allocation of these threads fails.
class Failing {
 public:
  explicit Failing(int64_t n, Of threads = Of::all_but_this_thread);
  ~Failing();
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;
  /// Whether an allocation failed: false as long as there were fewer than `n`.
  bool failed() const;
};

}  // namespace failing_new
