#pragma once

#include <functional>
#include <memory>
#include <string>

#include "events/attempt.hpp"
#include "events/kill_counts.hpp"
#include "events/retry_policy.hpp"
#include "jobs/job_table.hpp"

namespace forecourt::jobs {

/// What the calls of one plugin's jobs share. Constant after construction.
struct Attached {
  std::string plugin;
  storage::Store* store = nullptr;
  std::shared_ptr<Runner> runner;
  std::shared_ptr<events::KillCounts> kills;
  const Clock* clock = nullptr;
  events::RetryPolicy policy;
  std::function<void()> committed;  ///< a job's effect is on disk: it may have published
};

inline std::string job_marker(const Job& job) { return "job " + job.kind + " " + job.key; }

/// Runs one job. Its row goes before the handler runs, in the handler's savepoint: a job that plans
/// itself again leaves the new plan, one that fails has its row back.
class JobCall final : public events::Attempt {
 public:
  /// On the lane's thread or its watchdog's; returns whether `owner` should look again. Never
  /// blocks.
  using Done = std::function<bool(Outcome, const Error&)>;

  JobCall(std::shared_ptr<events::Activity> owner, std::shared_ptr<const Attached> attached,
          JobRow row, events::Preparation preparation, Done done);

  std::string marker() const override { return marker_; }

 private:
  Result<Claim> claim(storage::Session& session) override;
  Result<void> handle(storage::Session& session, events::Prepared* prepared) override;
  Result<void> settle(storage::Session& session) override;
  Result<void> record_failure(storage::Session& session, const Error& error) override;
  bool concluded(Outcome outcome, const Error& error) override;
  void release() override { attached_.reset(); }

  std::shared_ptr<const Attached> attached_;
  const JobRow row_;
  const std::string marker_;
  const int64_t now_ms_;  // of the first run; a second run is the same run
  const Done done_;
};

}  // namespace forecourt::jobs
