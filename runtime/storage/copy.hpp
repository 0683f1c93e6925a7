#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "storage/store.hpp"

namespace forecourt::storage {

class Connection;

/// What a copy of a store's database is made with.
struct CopyHooks {
  /// Called twice, before and after the moment the copy is taken: the lane stands still in between.
  /// What waits here for other stores makes their copies belong together. An error ends the copy.
  std::function<Result<void>()> meet;
  /// Reads the database as it will be copied.
  std::function<Result<void>(Session&)> inspect;
  /// Called now and then while copying; false ends the copy.
  std::function<bool(int64_t bytes_done, int64_t bytes_total)> progress;
};

/// Copies the store's database, as it stands at one moment between two groups, into a new file
/// (mode 0600) and syncs it. Writes go on while it copies, into the log: past its bound the copy is
/// ended (Code::cancelled). The calling thread waits for a free reader and the lane until the
/// deadline. Only a store on disk can be copied.
Result<void> copy_store(Store& store, const std::string& path, int64_t deadline_monotonic_ns,
                        const CopyHooks& hooks);

/// What a store on disk has for it.
class Copyable {
 public:
  virtual ~Copyable() = default;
  /// Takes a read snapshot while the lane stands still, and gives it to `work`. `meet` is called
  /// twice on the lane's thread, as CopyHooks::meet is.
  virtual Result<void> at_a_moment(int64_t deadline_monotonic_ns,
                                   const std::function<Result<void>()>& meet,
                                   const std::function<Result<void>(Connection&)>& work) = 0;
  virtual Result<void> copy(const std::string& path, int64_t deadline_monotonic_ns,
                            const CopyHooks& hooks) = 0;
};

/// Copies what `source`'s open read transaction sees, page by page, into the new file `path` (mode
/// 0600), and syncs it. A copy that fails is removed.
Result<void> copy_snapshot(Connection& source, const std::string& path, const CopyHooks& hooks);

}  // namespace forecourt::storage
