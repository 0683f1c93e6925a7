#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "org/directory.hpp"
#include "storage/store.hpp"

namespace forecourt::org {

/// The directory kept in the host store. Readers take the present snapshot; writers go through
/// `write`, one at a time, and return when what they wrote is on disk and in the snapshot.
/// Thread-safe.
class HostDirectory final : public Directory {
 public:
  /// Applies the host's migrations (a fresh store holds the org "group") and loads the tree and the
  /// keys. `store` and `clock` outlive the directory.
  static Result<std::unique_ptr<HostDirectory>> open(storage::Store& store, const Clock& clock);

  std::shared_ptr<const Snapshot> snapshot() const override;

  /// Work of one transaction of the host store; `now` is the state it starts from. An error undoes
  /// it all.
  using Work = std::function<Result<void>(storage::Session& session, const Snapshot& now)>;
  /// Blocks: never from an I/O thread.
  Result<void> write(const Work& work);

  storage::Store& store() { return store_; }
  const Clock& clock() const { return clock_; }

 private:
  struct Versions {
    int64_t tree = 0;
    int64_t keys = 0;
    bool operator==(const Versions&) const = default;
  };
  HostDirectory(storage::Store& store, const Clock& clock) : store_(store), clock_(clock) {}
  static Result<Versions> read_versions(storage::Session& session);
  Result<void> reload();

  storage::Store& store_;
  const Clock& clock_;
  std::mutex writing_;  ///< held for the length of a write
  Versions loaded_;     // guarded by writing_
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by mutex_
};

}  // namespace forecourt::org
