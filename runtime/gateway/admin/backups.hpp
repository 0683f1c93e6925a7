#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "backup/backup.hpp"
#include "gateway/admin/site.hpp"
#include "org/host_directory.hpp"
#include "plugin/registry.hpp"

namespace forecourt::admin {

/// What is known of a backup, while it is made and after.
struct BackupState {
  std::string id;
  std::string folder;
  std::string state;   ///< "running", "done" or "failed"
  std::string reason;  ///< why it failed
  backup::Progress progress;
  int64_t bytes = 0;  ///< of all stores, once it is done
  int64_t begun_ms = 0;
  int64_t ended_ms = 0;
};

/// Makes backups of the running host, one at a time, on a thread of its own. How it ended is
/// chained into the audit log. Thread-safe.
class Backups {
 public:
  Backups(Site& site, plugin::Registry& registry, org::HostDirectory& directory,
          storage::Store& webhooks, secrets::KeySource keys, std::string version);
  ~Backups() { stop(); }
  Backups(const Backups&) = delete;
  Backups& operator=(const Backups&) = delete;

  /// Takes the place of the one backup that may run. Code::conflict when one does, invalid when the
  /// folder cannot take one. `begin` or `withdraw` must follow.
  Result<BackupState> reserve(const std::string& folder, bool with_secrets_key);
  void begin();
  void withdraw();
  /// The one that runs, or the last that ran since the host started.
  std::optional<BackupState> latest() const;

  /// Ends one that runs: it fails and leaves nothing. None begins afterwards.
  void stop();

 private:
  void run();
  Result<backup::Description> make();
  void note(const Result<backup::Description>& made);

  Site& site_;
  plugin::Registry& registry_;
  org::HostDirectory& directory_;
  storage::Store& webhooks_;
  const secrets::KeySource keys_;
  const std::string data_;
  const std::string version_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::optional<BackupState> state_;  // guarded by mutex_
  bool with_secrets_key_ = false;     ///< of the one reserved
  std::thread thread_;
};

}  // namespace forecourt::admin
