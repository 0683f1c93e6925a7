#pragma once

#include <forecourt/cpp/plugin.hpp>

#include <cstdint>
#include <string>

namespace membership {

struct Adjustment {
  int64_t points = 0;
  std::string reason;
  std::string source_id;
};
FORECOURT_FIELDS(Adjustment, points, reason, source_id)

/// Adds or takes points by hand. Whoever sees the member may, given the verb: which stores hand out
/// points is decided with their keys, and the ledger and the audit log name the org.
fc::Reply adjust_points(fc::Call& call, const Adjustment& request);

}  // namespace membership
