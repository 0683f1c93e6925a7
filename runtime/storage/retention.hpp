#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"
#include "storage/connection.hpp"

namespace forecourt::storage {

/// Prunes stored answers older than 48 hours, a slice at a time, between groups. The wall clock is
/// believed only while it moves with the monotonic one: after a jump nothing is pruned for another
/// 48 hours, so that a clock set ten years ahead and back again has forgotten nothing. Used by the
/// lane's thread.
class Retention {
 public:
  static constexpr int64_t k_keep_ms = 48ll * 3600 * 1000;
  static constexpr int k_slice = 256;

  explicit Retention(const Clock& clock);

  /// Deletes a slice when its time has come. True when more is to be deleted at once.
  bool prune(Connection& connection, bool idle);

 private:
  bool trusts_clock();

  const Clock& clock_;
  int64_t offset_ms_;            ///< wall clock minus monotonic clock
  int64_t trusted_from_ms_ = 0;  ///< monotonic
  std::chrono::steady_clock::time_point next_;
};

}  // namespace forecourt::storage
