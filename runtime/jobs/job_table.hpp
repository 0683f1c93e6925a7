#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "jobs/scheduler.hpp"
#include "storage/session.hpp"

namespace forecourt::jobs {

inline constexpr std::string_view k_waiting = "waiting";
inline constexpr std::string_view k_parked = "parked";

struct JobRow {
  int64_t number = 0;  ///< names this plan of the job for good
  int64_t next_ms = 0;
  Job job;
};

/// Jobs to run at `now_ms`, longest due first. A retry due later than `horizon_ms` is due too: no
/// backoff reaches that far, so the clock was set back. A job's own time is the author's and
/// stands.
Result<std::vector<JobRow>> due_rows(storage::Session& session, int64_t now_ms, int64_t horizon_ms,
                                     size_t limit);
/// When the next job is to run; nothing when none waits.
Result<std::optional<int64_t>> next_due(storage::Session& session);

/// Those that have failed: parked, or waiting for a retry. In order of planning.
Result<std::vector<JobRow>> troubled_rows(storage::Session& session);
Result<std::optional<JobRow>> find_troubled(storage::Session& session, std::string_view kind,
                                            std::string_view key);

/// Deletes the row as it was read. False: run, planned again, cancelled or dropped meanwhile.
Result<bool> take_row(storage::Session& session, const JobRow& row);
Result<void> update_row(storage::Session& session, const JobRow& row);

}  // namespace forecourt::jobs
