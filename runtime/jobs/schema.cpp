#include "jobs/schema.hpp"

namespace forecourt::jobs {

std::vector<std::string> host_schema() {
  return {
      // A number names one plan for good: a job planned again is another row, so that a run of the
      // old plan
      // finds nothing to claim. `due_ms` is the plan's, `next_ms` moves with retries.
      "CREATE TABLE IF NOT EXISTS fc_job("
      "number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, "
      "org TEXT NOT NULL, due_ms INTEGER NOT NULL, next_ms INTEGER NOT NULL, payload BLOB NOT "
      "NULL, "
      "state TEXT NOT NULL, attempts INTEGER NOT NULL, reason TEXT NOT NULL) STRICT",

      "CREATE UNIQUE INDEX IF NOT EXISTS fc_job_waiting ON fc_job(kind, key) WHERE state = "
      "'waiting'",

      "CREATE INDEX IF NOT EXISTS fc_job_next ON fc_job(next_ms) WHERE state = 'waiting'",
  };
}

}  // namespace forecourt::jobs
