#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "events/retry_policy.hpp"
#include "storage/store.hpp"

namespace forecourt::events {

/// How often each event or job of a store has killed the process. The lane notes what it runs in
/// the store's crash marker, which needs no fsync; the kill is counted here when the store is open
/// again. Thread-safe.
class KillCounts {
 public:
  /// `kind` is the first word of the markers to count: "event" or "job".
  KillCounts(storage::Store& store, std::string_view kind, const RetryPolicy& policy);

  /// Counts the kill found when the store was opened, once, durably, and reads the counts. Repeat
  /// until it succeeds: nothing may run before. Cheap afterwards. Waits for the lane.
  Result<void> load();

  /// Why the work of this marker must not run again; empty: it may.
  std::string verdict(const std::string& marker) const;
  int kills(const std::string& marker) const;

  /// Deletes the count in the transaction that ends the work ...
  Result<void> erase(storage::Session& session, const std::string& marker) const;
  /// ... and here once that is committed.
  void forget(const std::string& marker);

 private:
  struct Count {
    int crashes = 0;
    int unexplained = 0;
  };
  Result<void> read(storage::Session& session);

  storage::Store& store_;
  const std::string prefix_;
  const RetryPolicy policy_;
  std::mutex load_mutex_;
  std::atomic<bool> loaded_{false};
  mutable std::mutex mutex_;
  std::map<std::string, Count> counts_;  // guarded by mutex_
};

}  // namespace forecourt::events
