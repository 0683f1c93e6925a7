#include "storage/store.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "storage/copy.hpp"
#include "storage/host_schema.hpp"
#include "storage/lane_thread.hpp"
#include "storage/migrations.hpp"
#include "storage/watched.hpp"

namespace forecourt::storage {
namespace {

ConnectionOptions connection_options(const StoreOptions& options, bool read_only) {
  ConnectionOptions connection;
  if (!options.folder.empty()) connection.path = options.folder + "/store.db";
  connection.vfs = options.vfs;
  connection.clock = options.clock;
  connection.read_only = read_only;
  connection.pages_max = options.pages_max;
  connection.synchronous_normal = options.synchronous_normal;
  return connection;
}

Result<void> sync_names_in(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 && errno == EACCES) return {};  // not ours to read, so nothing in it is new
  const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
  const int why = errno;
  if (descriptor >= 0) close(descriptor);
  if (synced) return {};
  return internal("syncing " + folder.string() + ": " + std::generic_category().message(why));
}

/// Makes the folder and sees to it that its name outlives a power cut, as its files will: each
/// level is synced before the next is made, and what an earlier start may have left unsynced, at
/// the start.
Result<void> make_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path whole = fs::absolute(folder, failed).lexically_normal();
  fs::path existing = whole;
  std::vector<fs::path> missing;
  while (!failed && !fs::exists(existing, failed) && existing.has_relative_path()) {
    missing.push_back(existing);
    existing = existing.parent_path();
  }
  Result<void> synced = failed ? Result<void>() : sync_names_in(existing.parent_path());
  for (; synced && !failed && !missing.empty(); missing.pop_back()) {
    fs::create_directory(missing.back(), failed);
    if (!failed) synced = sync_names_in(missing.back().parent_path());
  }
  if (!synced) return synced;
  // A sandboxed process may not change modes: what is right already is left alone.
  const bool ours = !failed && fs::status(whole, failed).permissions() == fs::perms::owner_all;
  if (!failed && !ours) fs::permissions(whole, fs::perms::owner_all, failed);
  if (failed) return internal("making " + folder + ": " + failed.message());
  return {};
}

class SqliteStore final : public Store, public Copyable, public Watched {
 public:
  explicit SqliteStore(StoreOptions options)
      : options_(std::move(options)),
        readers_(connection_options(options_, true), options_.readers_max) {}

  Result<void> start();

  Result<void> migrate(std::span<const Migration> migrations) override;
  Lane& lane() override { return *lane_; }
  Result<void> read(int64_t deadline_monotonic_ns,
                    const std::function<Result<void>(Session&)>& work) override;
  Result<void> at_a_moment(int64_t deadline_monotonic_ns, const std::function<Result<void>()>& meet,
                           const std::function<Result<void>(Connection&)>& work) override;
  Result<void> copy(const std::string& path, int64_t deadline_monotonic_ns,
                    const CopyHooks& hooks) override;
  Result<void> watch(std::shared_ptr<ChangeLog> log) override;
  Result<void> between_groups(const std::function<Result<void>()>& work) override;
  Result<void> set_orgs(int64_t version, std::span<const OrgPair> pairs) override;
  const Kill* last_kill() const override { return kill_ ? &*kill_ : nullptr; }
  std::string epoch() const override;
  Result<void> renew_epoch(int64_t outbox_head) override;

 private:
  bool in_memory() const { return options_.folder.empty(); }
  Result<void> open_marker();
  Result<std::unique_ptr<Connection>> open_connection();
  void set_catalog(std::shared_ptr<const Catalog> catalog);

  const StoreOptions options_;
  ReaderPool readers_;
  std::unique_ptr<CrashMarker> marker_;
  std::optional<Kill> kill_;

  mutable std::mutex mutex_;
  std::shared_ptr<const Catalog> catalog_;  // guarded by mutex_
  std::string epoch_;                       // guarded by mutex_
  std::shared_ptr<ChangeLog> change_log_;   // guarded by mutex_

  std::unique_ptr<LaneThread> lane_;  ///< last: it uses all of the above
};

Result<void> SqliteStore::open_marker() {
  if (in_memory()) return {};
  if (auto made = make_folder(options_.folder); !made) return made;
  auto marker = CrashMarker::open(options_.folder);
  if (!marker) return marker.error();
  marker_ = std::move(*marker);
  kill_ = marker_->take_kill();
  return {};
}

Result<std::unique_ptr<Connection>> SqliteStore::open_connection() {
  auto connection = Connection::open(connection_options(options_, false));
  if (!connection) return connection;
  std::lock_guard lock(mutex_);
  (*connection)->set_catalog(catalog_);
  if (change_log_) (*connection)->watch(change_log_);
  return connection;
}

Result<void> SqliteStore::start() {
  if (auto opened = open_marker(); !opened) return opened;
  auto connection = open_connection();
  if (!connection) return connection.error();
  if (auto made = make_host_tables(**connection, options_.host_schema); !made) return made;
  auto epoch = read_epoch(**connection);
  if (!epoch) return epoch.error();
  epoch_ = *epoch;
  auto catalog = read_catalog((*connection)->handle());
  if (!catalog) return catalog.error();
  (*connection)->set_catalog(*catalog);
  set_catalog(*catalog);

  LaneOptions lane;
  lane.clock = options_.clock;
  lane.queue_max = options_.queue_max;
  lane.stuck_grace_ms = options_.stuck_grace_ms;
  lane.wal_bytes_max = options_.wal_bytes_max;
  lane.log_hold_ms = options_.log_hold_ms;
  lane.marker = marker_.get();
  lane.readers = in_memory() ? nullptr : &readers_;
  lane.reopen = [this] { return open_connection(); };
  lane_ = std::make_unique<LaneThread>(std::move(*connection), std::move(lane));
  return {};
}

void SqliteStore::set_catalog(std::shared_ptr<const Catalog> catalog) {
  readers_.set_catalog(catalog);
  std::lock_guard lock(mutex_);
  catalog_ = std::move(catalog);
}

Result<void> SqliteStore::migrate(std::span<const Migration> migrations) {
  return lane_->between_groups([this, migrations](Connection& connection) {
    auto applied = apply_migrations(connection, migrations, options_.migration_max_ms);
    if (applied) set_catalog(connection.catalog());
    return applied;
  });
}

Result<void> SqliteStore::read(int64_t deadline_monotonic_ns,
                               const std::function<Result<void>(Session&)>& work) {
  if (in_memory()) return lane_->read_here(deadline_monotonic_ns, work);
  return readers_.read(deadline_monotonic_ns, work);
}

Result<void> SqliteStore::at_a_moment(int64_t deadline_monotonic_ns,
                                      const std::function<Result<void>()>& meet,
                                      const std::function<Result<void>(Connection&)>& work) {
  if (in_memory()) return invalid("a database in memory has no snapshots");
  return readers_.use(deadline_monotonic_ns, [&](Connection& reader) -> Result<void> {
    auto stood = lane_->between_groups([&](Connection&) -> Result<void> {
      if (meet) {
        if (auto met = meet(); !met) return met;
      }
      // The first read of the reader's transaction is the moment; it has nothing to wait for.
      if (auto taken = reader.read_integer("SELECT count(*) FROM fc_meta"); !taken)
        return taken.error();
      return meet ? meet() : Result<void>();
    });
    return stood ? work(reader) : stood;
  });
}

Result<void> SqliteStore::copy(const std::string& path, int64_t deadline_monotonic_ns,
                               const CopyHooks& hooks) {
  return at_a_moment(deadline_monotonic_ns, hooks.meet,
                     [&](Connection& reader) { return copy_snapshot(reader, path, hooks); });
}

Result<void> SqliteStore::watch(std::shared_ptr<ChangeLog> log) {
  {
    std::lock_guard lock(mutex_);
    change_log_ = log;
  }
  return lane_->between_groups([log](Connection& connection) -> Result<void> {
    connection.watch(log);
    return {};
  });
}

Result<void> SqliteStore::between_groups(const std::function<Result<void>()>& work) {
  return lane_->between_groups([work](Connection&) { return work(); });
}

Result<void> SqliteStore::set_orgs(int64_t version, std::span<const OrgPair> pairs) {
  return lane_->between_groups(
      [version, pairs](Connection& connection) { return write_orgs(connection, version, pairs); });
}

std::string SqliteStore::epoch() const {
  std::lock_guard lock(mutex_);
  return epoch_;
}

Result<void> SqliteStore::renew_epoch(int64_t outbox_head) {
  return lane_->between_groups([this, outbox_head](Connection& connection) -> Result<void> {
    auto added = in_transaction(connection, [&] { return add_epoch(connection, outbox_head); });
    if (!added) return added;
    auto epoch = read_epoch(connection);
    if (!epoch) return epoch.error();
    std::lock_guard lock(mutex_);
    epoch_ = *epoch;
    return {};
  });
}

const Clock& default_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
  if (options.clock == nullptr) options.clock = &default_clock();
  const std::string folder = options.folder;
  auto store = std::make_unique<SqliteStore>(std::move(options));
  if (auto started = store->start(); !started) {
    return Error{started.error().code, "store " + folder + ": " + started.error().message};
  }
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> check_statement(Store& store, std::string_view sql, bool allow_unscoped) {
  return store.read(0, [&](Session& session) {
    session.allow_unscoped(allow_unscoped);
    return session.check(Session::Who::plugin, sql);
  });
}

}  // namespace forecourt::storage
