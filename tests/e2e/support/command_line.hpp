#pragma once

#include <string>

namespace e2e {

struct Outcome {
  int status = -1;
  std::string text;  ///< stdout and stderr
};

/// Runs a line of bash; what it prints and how it ends.
Outcome shell(const std::string& line);

/// Runs the binary's command line.
Outcome forecourt(const std::string& arguments);

}  // namespace e2e
