#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/version_range.hpp"

namespace forecourt::config {

/// `plugin.json`: the author's statement about a plugin.
struct Descriptor {
  std::string id;
  Version version;
  std::string title;
  std::string description;
  std::vector<std::string> services;   ///< needed, e.g. "fc.sql/1"
  bool unscoped = false;               ///< asks to run statements marked unscoped
  std::vector<std::string> history;    ///< publishers whose past events it asks for
  std::vector<std::string> libraries;  ///< shared libraries it needs beyond the C and C++ runtime
  std::string config_schema;           ///< JSON text; empty: no settings
  std::vector<std::string> publishes;
  std::vector<std::string> consumes;
  std::vector<std::string> jobs;
};

/// `source` (a file name) starts the error texts.
Result<Descriptor> parse_descriptor(std::string_view text, const std::string& source);
Result<Descriptor> load_descriptor(const std::string& path);

}  // namespace forecourt::config
