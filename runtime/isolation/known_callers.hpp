#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace forecourt::isolation {

/// Who called which plugin lately, and for which org: what a plugin says of who acted is held
/// against it. Outlives processes and generations. Thread-safe.
class KnownCallers {
 public:
  /// A call of `caller`, admitted then. `org` empty: the call may choose one.
  void note(const std::string& plugin, std::string_view caller, std::string_view org,
            int64_t admitted_ms);
  /// Whether one was made in that second. False, too, of what is long past.
  bool knows(const std::string& plugin, std::string_view caller, std::string_view org,
             int64_t admitted_ms) const;

 private:
  using Seconds = std::map<int64_t, std::set<std::string>>;
  struct Plugin {
    Seconds seconds;
    size_t callers = 0;  ///< in all seconds
  };
  mutable std::mutex mutex_;
  std::map<std::string, Plugin> plugins_;  // guarded by mutex_
};

}  // namespace forecourt::isolation
