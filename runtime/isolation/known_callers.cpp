#include "isolation/known_callers.hpp"

namespace forecourt::isolation {
namespace {

/// Longer than entries wait to be chained while their plugin runs.
constexpr int64_t k_seconds_kept = 600;
constexpr size_t k_callers_max = 50'000;

std::string key(std::string_view caller, std::string_view org) {
  std::string both(caller);
  both += '\n';  // in neither
  both += org;
  return both;
}

}  // namespace

void KnownCallers::note(const std::string& plugin, std::string_view caller, std::string_view org,
                        int64_t admitted_ms) {
  std::lock_guard lock(mutex_);
  Plugin& known = plugins_[plugin];
  if (known.seconds[admitted_ms / 1000].insert(key(caller, org)).second) ++known.callers;
  while (known.seconds.size() > 1 &&
         (known.callers > k_callers_max ||
          known.seconds.begin()->first < known.seconds.rbegin()->first - k_seconds_kept)) {
    known.callers -= known.seconds.begin()->second.size();
    known.seconds.erase(known.seconds.begin());
  }
}

bool KnownCallers::knows(const std::string& plugin, std::string_view caller, std::string_view org,
                         int64_t admitted_ms) const {
  std::lock_guard lock(mutex_);
  const auto known = plugins_.find(plugin);
  if (known == plugins_.end()) return false;
  const auto second = known->second.seconds.find(admitted_ms / 1000);
  return second != known->second.seconds.end() &&
         (second->second.contains(key(caller, org)) || second->second.contains(key(caller, {})));
}

}  // namespace forecourt::isolation
