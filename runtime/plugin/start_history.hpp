#pragma once

#include <string>

#include "base/result.hpp"
#include "plugin/crash_marker.hpp"

namespace forecourt::plugin {

/// What a plugin did to the hosts before this one, kept in its folder: `crashed` is written by a
/// fatal signal inside the plugin, `starting` stands while it is loaded, migrated and started.
class StartHistory {
 public:
  explicit StartHistory(std::string folder);

  /// An error when this library crashed the last host, or when two hosts in a row ended while it
  /// was starting.
  Result<void> check(const std::string& library) const;
  /// A person asked to try again: what was is forgotten.
  void forget();

  Result<void> begin(const std::string& library);
  /// The start came to an end, well or with an error; the host lives.
  void end();

  CrashSite crash_site(const std::string& library) const { return {crashed_, library}; }

 private:
  const std::string folder_;
  const std::string crashed_;
  const std::string starting_;
};

}  // namespace forecourt::plugin
