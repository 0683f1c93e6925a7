#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "events/activity.hpp"
#include "jobs/job_call.hpp"

namespace forecourt::jobs {

/// Runs one plugin's jobs when they are due, in due order, and at once when an admin says so.
class Planner final : public events::Activity {
 public:
  Planner(events::Driver& driver, std::shared_ptr<const Attached> attached);

  Result<std::vector<Job>> troubled();
  /// For an admin, on his thread: waits for the outcome. The job's own failure is the error.
  Result<void> replay(const std::string& kind, const std::string& key);
  Result<void> drop(const std::string& kind, const std::string& key);

 private:
  struct Due {
    std::vector<JobRow> rows;
    std::optional<int64_t> next_ms;
  };

  void step() override;
  void let_go() override { attached_.reset(); }
  void sleep_until_due(std::optional<int64_t> next_ms, int64_t now_ms);
  Result<Due> due(int64_t now_ms);
  Result<JobRow> find(const std::string& kind, const std::string& key);
  bool run(JobRow row);
  bool concluded(int64_t number, events::Attempt::Outcome outcome, const Error& error);
  void trouble();

  std::shared_ptr<const Attached> attached_;  // until closed
  std::atomic<int> refusals_{0};              // in a row
  std::mutex mutex_;
  std::map<int64_t, Error> destroyed_;  // guarded by mutex_: plans that destroyed their transaction
};

}  // namespace forecourt::jobs
