#pragma once

#include <string>

#include "backup/backup.hpp"

namespace forecourt::cli {

/// How a backup goes, on standard error: one line rewritten on a terminal, a line a store
/// elsewhere.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  ///< Ends the line.
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  void show(const backup::Progress& progress);

 private:
  const bool terminal_;
  std::string shown_;
};

}  // namespace forecourt::cli
