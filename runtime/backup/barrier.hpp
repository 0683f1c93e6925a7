#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace forecourt::backup {

/// Where the lanes of several stores meet, so that one moment is the same for all of them. From the
/// first that arrives on none waits longer than `held_max`, over all rounds: then it has failed,
/// for everyone and for good. Thread-safe.
class Barrier {
 public:
  Barrier(std::vector<std::string> names, std::chrono::milliseconds held_max);

  /// Waits until every party is in the calling one's round; a party's first call is its first
  /// round.
  Result<void> meet(size_t party);
  /// Nobody needs to wait any more; the first reason stays.
  void fail(const Error& why);
  /// For who is no party: waits until all have been through `round` (1, 2 ...).
  Result<void> wait(int round);

 private:
  bool all_in(int round) const;
  std::string missing(int round) const;
  void fail_locked(const Error& why);

  const std::vector<std::string> names_;
  const std::chrono::milliseconds held_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::vector<int> rounds_;  ///< how often each has arrived
  std::optional<std::chrono::steady_clock::time_point> until_;
  std::optional<Error> failed_;
};

}  // namespace forecourt::backup
