#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "storage/lane.hpp"
#include "storage/session.hpp"

namespace forecourt::storage {

struct Migration {
  std::string name;  ///< "0001_members.sql"
  std::string sql;   ///< may hold several statements; "-- org-scoped: members, member_orgs" names
                     ///< scoped tables
};

struct StoreOptions {
  std::string
      folder;  ///< holds store.db and its side files; made when missing. Empty: in memory (tests)
  std::string vfs;  ///< SQLite VFS name; empty: the default. Tests put their shims here
  const Clock* clock = nullptr;
  size_t queue_max = 4096;
  int64_t pages_max = 0;  ///< page quota (PRAGMA max_page_count); 0: none
  size_t readers_max = 8;
  /// The host's own tables beside those of the store (outbox, jobs ...): "CREATE TABLE IF NOT
  /// EXISTS fc_..." and the like, one statement each, run at every open in one transaction.
  std::vector<std::string> host_schema;
  int64_t stuck_grace_ms = 1'000;  ///< past its deadline a running call has this long to return
  int64_t migration_max_ms =
      10'000;  ///< migrations running longer are interrupted (2 s are warned about)
  int64_t wal_bytes_max = 256ll << 20;  ///< past it readers are ended, then writes are shed
  int64_t log_hold_ms = 100;        ///< new reads wait this long at most for the log to start over
  bool synchronous_normal = false;  ///< only to prove that tests notice; never set by the product
};

/// One row of the closure table `fc_org`: `id` is `ancestor` or below it.
struct OrgPair {
  std::string id;
  std::string ancestor;
};

/// Who was running when the process last died, from the crash marker.
struct Kill {
  std::string marker;  ///< WriteCall::marker of the call that was running
  int signal = 0;      ///< the fatal signal that was caught; 0: unexplained (SIGKILL, OOM, power)
};

/// One plugin's database: one file, one lane that writes, a few snapshots that read. Also the
/// host's own.
class Store {
 public:
  /// Opens (creates) the database, makes the host's tables (fc_*), checks integrity basics, starts
  /// the lane.
  static Result<std::unique_ptr<Store>> open(StoreOptions options);
  virtual ~Store() = default;  ///< drains and stops the lane, closes.

  /// Applies those not yet applied, in order, all in one transaction with the version stamp. An
  /// applied one whose text changed is an error naming it.
  virtual Result<void> migrate(std::span<const Migration> migrations) = 0;

  virtual Lane& lane() = 0;

  /// Runs `work` on a read snapshot, on the calling thread (a worker). Waits for a free reader
  /// until the deadline. In-memory stores run it on the lane's connection, serialised.
  virtual Result<void> read(int64_t deadline_monotonic_ns,
                            const std::function<Result<void>(Session&)>& work) = 0;

  /// Makes fc_org equal to `pairs`, in one transaction. `version` is stamped; equal version: no-op.
  virtual Result<void> set_orgs(int64_t version, std::span<const OrgPair> pairs) = 0;

  /// The kill found when the store was opened, if any.
  virtual const Kill* last_kill() const = 0;

  /// Identity of this store's history; a restored store gets a new one.
  virtual std::string epoch() const = 0;
  /// Starts a new epoch at the outbox head; what `restore` does. The lineage is the host table
  /// fc_epoch(epoch, first_number), newest last: numbers from `first_number` = `outbox_head` + 1 on
  /// are its own.
  virtual Result<void> renew_epoch(int64_t outbox_head) = 0;
};

/// The statement rules' verdict on plugin SQL, without running it: used by `forecourt check` and
/// tests.
Result<void> check_statement(Store& store, std::string_view sql, bool allow_unscoped = false);

}  // namespace forecourt::storage
