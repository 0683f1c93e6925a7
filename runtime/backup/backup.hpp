#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "backup/barrier.hpp"
#include "backup/description.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "secrets/key_source.hpp"
#include "storage/closed_store.hpp"
#include "storage/store.hpp"

namespace forecourt::backup {

struct Progress {
  size_t store = 0;   ///< 1 of `stores` ...
  size_t stores = 0;  ///< ... which are all there are
  std::string name;
  int64_t bytes = 0;  ///< of that store, copied
  int64_t bytes_total = 0;
};

struct Request {
  std::string id;      ///< of the backup; empty: one is made
  std::string data;    ///< the data folder
  std::string folder;  ///< of the backup: not there yet, or empty
  std::string version;
  bool with_secrets_key = false;
  const Clock* clock = nullptr;
  std::chrono::milliseconds held_max{2'000};  ///< how long lanes may stand still
  /// Called by whatever thread copies, one at a time; false ends the backup.
  std::function<bool(const Progress&)> progress;
};

/// Copies every store of a data folder as all of them are at one moment, so that no copy holds the
/// effect of an event that another has lost. The lanes of open stores stand still together while
/// each takes a snapshot; then writes go on and the snapshots are copied, one store after another.
class Backup {
 public:
  explicit Backup(Request request) : request_(std::move(request)) {}
  ~Backup();  ///< Ends what runs; what was not finished is removed.
  Backup(const Backup&) = delete;
  Backup& operator=(const Backup&) = delete;

  using Copier =
      std::function<Result<void>(const std::string& folder, const storage::CopyHooks& hooks)>;
  /// Makes the folder and takes the moment. `open` are the stores that run, by name, `elsewhere`
  /// those that run in another process; those of the data folder that do not run are found and
  /// kept closed. None may be opened until this returns.
  Result<void> take(const std::map<std::string, std::shared_ptr<storage::Store>>& open,
                    const std::map<std::string, Copier>& elsewhere = {});
  /// Copies, then writes backup.json. After `take`, once.
  Result<Description> finish();

 private:
  struct Part {
    std::string name;
    std::shared_ptr<storage::Store> open;
    Copier elsewhere;
    std::unique_ptr<storage::ClosedStore> closed;
    StoreCopy copy;
    Result<void> result;
    std::thread thread;
  };

  Result<void> make_folders();
  Result<void> find_closed();
  void run_open(Part& part, size_t party);
  void run_closed(Part& part);
  void join();
  void remove();
  Result<void> inspect(Part& part, storage::Session& session);
  bool report(const Part& part, int64_t bytes, int64_t total);
  std::string path_of(const Part& part) const;
  Result<void> copy_secrets_key();
  Result<void> write_description();

  Request request_;
  Description description_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::optional<Barrier> barrier_;
  std::mutex turn_;  ///< held while a store is copied
  std::atomic<bool> ended_{false};
  size_t begun_ = 0;  ///< guarded by turn_
  bool made_ = false;
  bool finished_ = false;
};

/// Whether the secrets key can go into a backup: it is in the data folder, all of it.
Result<void> check_secrets_key(const secrets::KeySource& keys);

/// What `folder` must be for a backup: a full path, not there or empty, outside of `data`.
Result<void> check_target(const std::string& folder, const std::string& data);

}  // namespace forecourt::backup
