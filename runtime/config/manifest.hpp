#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/version_range.hpp"

namespace forecourt::config {

/// What the admin allows a plugin.
struct Grants {
  std::vector<std::string> services;
  bool unscoped = false;
  std::vector<std::string> history;   ///< publishers whose events are delivered from their start
  std::vector<std::string> consumes;  ///< event types it may receive
};

struct Limits {
  int64_t timeout_ms = 5'000;          ///< of a call, where its operation names none
  int64_t body_max_bytes = 1'048'576;  ///< of a request, where its operation names none
  int64_t queue_max = 4'096;           ///< write calls waiting for the lane
  int64_t store_pages_max = 0;         ///< database pages; 0: no quota
  int64_t event_failures_max = 8;      ///< attempts of an event or job before it is parked
  // Of an isolated plugin's process.
  int64_t crashes_max = 3;  ///< within the window: then it is quarantined
  int64_t crash_window_ms = 10'000;
  int64_t memory_max_bytes = 1ll << 30;
  int64_t threads_max = 64;
};

/// The admin's statement about one plugin.
struct Manifest {
  std::string source;  ///< file name, for messages
  std::string plugin;
  VersionRange version;
  std::string path;  ///< the bundle's folder, or the library in it
  std::string mode = "in-process";
  std::vector<std::string> sandbox_minimum;  ///< layers without which it is not to run
  bool enabled = true;
  Grants grants;
  Limits limits;
  std::string config =
      "{}";  ///< JSON text: {"<org>": {"<key>": value or {"value": v, "locked": true}}}
};

/// `source` (a file name) starts the error texts.
Result<Manifest> parse_manifest(std::string_view text, const std::string& source);
Result<Manifest> load_manifest(const std::string& path);
/// What parse_manifest reads back as the same manifest.
std::string to_json(const Manifest& manifest);

}  // namespace forecourt::config
