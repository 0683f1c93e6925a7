#pragma once

#include <cstdint>
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

/// Inside a call's transaction.
Result<void> schedule(storage::Session& session, const Job& job);
/// Code::not_found when none waits.
Result<void> cancel(storage::Session& session, std::string_view kind, std::string_view key);

/// Runs a job, implemented by the plugin bridge.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual Result<std::unique_ptr<events::Prepared>> prepare(const Job& job) = 0;
  virtual Result<void> handle(storage::Session& session, const Job& job, events::Prepared* prepared) = 0;
};

/// Looks for due jobs of the attached plugins and runs each in its plugin's lane; the row goes in the same
/// transaction. Failures are retried with backoff, then parked (the RetryPolicy of events).
class Scheduler {
 public:
  Scheduler(const Clock& clock, WorkerPool& workers, events::RetryPolicy policy = {});
  ~Scheduler();  ///< stop().

  void attach(const std::string& plugin, storage::Store* store, std::shared_ptr<Runner> runner);
  void detach(const std::string& plugin);
  void notify(const std::string& plugin);  ///< a commit may have planned something. Never blocks.
  void poll();                             ///< the clock may have moved
  void stop();
  bool drain(int64_t timeout_ms);  ///< waits until nothing due is left (tests)

  Result<std::vector<Job>> parked(const std::string& plugin);
  Result<void> replay(const std::string& plugin, const std::string& kind, const std::string& key);
  Result<void> drop(const std::string& plugin, const std::string& kind, const std::string& key);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::jobs
