#pragma once

#include <functional>

#include "cli/settings.hpp"

namespace forecourt::cli {

/// What the program does that stands above this library.
struct Program {
  std::function<int(const Settings&)> serve;
  std::function<int()> plugin_host;  ///< in the process of an isolated plugin
};

/// Reads the command line and runs its verb; the exit status.
int run(int argc, char** argv, const Program& program);

}  // namespace forecourt::cli
