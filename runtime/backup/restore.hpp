#pragma once

#include <functional>
#include <string>

#include "backup/description.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"

namespace forecourt::backup {

struct RestoreRequest {
  std::string backup;
  std::string data;      ///< a folder that is there and locked by the caller
  bool replace = false;  ///< data already there is kept aside instead of refused
  const Clock* clock = nullptr;
  /// Told what is done next.
  std::function<void(const std::string&)> step;
};

struct Restored {
  Description description;
  std::string kept_aside;  ///< where the data from before is; empty: there was none
  bool secrets_key = false;
};

/// Makes `data` what the backup holds. Everything is checked and made ready in a folder beside it,
/// `<data>.restoring`, which then takes its place in one step: killed at any time, `data` is the
/// old one or the new one, whole. Every store begins a new epoch: who has read more of it than the
/// backup holds stops with an alarm instead of taking new events for those it has seen.
Result<Restored> restore(const RestoreRequest& request);

}  // namespace forecourt::backup
