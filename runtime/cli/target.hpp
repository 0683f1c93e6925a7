#pragma once

#include <string>

#include "base/result.hpp"
#include "cli/settings.hpp"

namespace forecourt::cli {

/// What an admin verb was told about where to work.
struct Whereabouts {
  std::string host;  ///< URL of a host; empty: the one that runs on the data directory, if any
  std::string key;   ///< API key; empty: the admin's
  Settings settings;
};

/// Where an admin verb works: on a running host through its admin API, or on the data directory of
/// a stopped one.
struct Target {
  bool running = false;
  std::string url;  ///< "http://127.0.0.1:8080"
  std::string key;
};
Result<Target> find_target(const Whereabouts& where);

/// One admin request; an answer other than 2xx is an error with the problem's text.
Result<std::string> call_admin(const Target& target, const std::string& method,
                               const std::string& path, const std::string& body = {});

}  // namespace forecourt::cli
