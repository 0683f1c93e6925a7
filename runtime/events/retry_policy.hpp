#pragma once

#include <algorithm>
#include <cstdint>

namespace forecourt::events {

/// When failing work (an event, a job) is tried again and when it is set aside for an admin.
struct RetryPolicy {
  int failures_max = 8;     ///< then parked until an admin acts
  int crashes_max = 2;      ///< kills by a caught fatal signal
  int unexplained_max = 5;  ///< kills nobody explained (SIGKILL, OOM)
  int64_t backoff_min_ms = 1'000;
  int64_t backoff_max_ms = 300'000;

  /// The wait after the `failures`th failure: doubles from the least to the most.
  int64_t backoff_ms(int failures) const {
    int64_t wait_ms = backoff_min_ms;
    for (int i = 1; i < failures && wait_ms < backoff_max_ms; ++i) wait_ms *= 2;
    return std::min(wait_ms, backoff_max_ms);
  }
};

}  // namespace forecourt::events
