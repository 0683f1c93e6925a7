#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "events/dispatcher.hpp"
#include "storage/store.hpp"

namespace forecourt::jobs {

struct Job {
  std::string kind;
  std::string key;
  std::string org;
  int64_t due_ms = 0;
  std::string payload;
  int attempts = 0;
  std::string state;  ///< "waiting" or "parked"
  std::string reason;
};

/// Inside a call's transaction. (kind, key) is unique among waiting jobs: planning again replaces
/// due time and payload, and starts the attempts anew. Code::invalid when a text is too long or not
/// UTF-8.
Result<void> schedule(storage::Session& session, const Job& job);
/// Code::not_found when none waits.
Result<void> cancel(storage::Session& session, std::string_view kind, std::string_view key);

/// Runs a job, implemented by the plugin bridge.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual Result<std::unique_ptr<events::Prepared>> prepare(const Job& job) = 0;
  virtual Result<void> handle(storage::Session& session, const Job& job,
                              events::Prepared* prepared) = 0;
  /// What queueing and `handle` may take together, as for events.
  virtual int64_t timeout_ms() const { return events::Consumer::k_timeout_ms; }
};

/// The jobs of a plugin whose store is in another process, where they run; an admin's wishes are
/// passed on. Thread-safe.
class RemoteJobs {
 public:
  virtual ~RemoteJobs() = default;
  virtual Result<std::vector<Job>> parked_jobs() = 0;
  virtual Result<void> replay_job(const std::string& kind, const std::string& key) = 0;
  virtual Result<void> drop_job(const std::string& kind, const std::string& key) = 0;
  /// Waits until nothing due is left (tests). False after `timeout_ms`.
  virtual bool drain_jobs(int64_t timeout_ms) = 0;
};

/// Looks for due jobs of the attached plugins and runs each in its plugin's lane; the row goes in
/// the same transaction. Failures are retried with backoff, then parked (the RetryPolicy of
/// events).
class Scheduler {
 public:
  Scheduler(const Clock& clock, WorkerPool& workers, events::RetryPolicy policy = {});
  ~Scheduler();  ///< stop().

  /// In place of the generation that was attached before. The store is detached before it closes.
  void attach(const std::string& plugin, storage::Store* store, std::shared_ptr<Runner> runner);
  void attach(const std::string& plugin, std::shared_ptr<RemoteJobs> remote);
  /// Returns when nothing of the plugin is in flight.
  void detach(const std::string& plugin);
  /// Told the plugin's id after a job's effect is on disk: it may have published events. Set before
  /// anything is attached; runs on lane threads and must not block.
  void on_commit(std::function<void(const std::string& plugin)> told);
  void notify(const std::string& plugin);  ///< a commit may have planned something. Never blocks.
  void poll();                             ///< the clock may have moved
  void stop();
  bool drain(int64_t timeout_ms);  ///< waits until nothing due is left (tests)

  /// Jobs that have failed: those parked, and those waiting for a retry.
  Result<std::vector<Job>> parked(const std::string& plugin);
  /// Runs such a job at once and waits; its own failure is the error.
  Result<void> replay(const std::string& plugin, const std::string& kind, const std::string& key);
  Result<void> drop(const std::string& plugin, const std::string& kind, const std::string& key);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::jobs
