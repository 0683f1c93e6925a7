#pragma once

#include <cstdint>

/// Lets C++ allocations fail, in programs that compile failing_new.cpp in.
namespace failing_new {

/// While it stands, the `n`th allocation of all threads but this one fails.
class Failing {
 public:
  explicit Failing(int64_t n);
  ~Failing();
  Failing(const Failing&) = delete;
  Failing& operator=(const Failing&) = delete;
  /// Whether an allocation failed: false as long as there were fewer than `n`.
  bool failed() const;
};

}  // namespace failing_new
