#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/store.hpp"

namespace forecourt::doctor {

/// Something worth knowing about a data folder.
struct Finding {
  enum class Level {
    note,     ///< as it may be; good to know
    trouble,  ///< as it must not be
  };
  Level level = Level::trouble;
  std::string where;  ///< a file, a store, a row
  std::string what;
  std::string remedy;  ///< what to do about it
};
using Findings = std::vector<Finding>;

struct Patient {
  std::string folder;  ///< a data folder no host runs on, or a backup
  bool is_backup = false;
  int64_t now_ms = 0;
  /// By plugin: the migrations of the bundles that would run.
  std::map<std::string, std::vector<storage::Migration>> migrations;
};

/// Looks at everything that can be told without running a plugin; changes nothing. An error: it
/// could not look at all.
Result<Findings> examine(const Patient& patient);

}  // namespace forecourt::doctor
