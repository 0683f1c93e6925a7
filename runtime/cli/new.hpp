#pragma once

#include <string>

namespace forecourt::cli {

struct NewOptions {
  std::string name;    ///< the plugin's id: [a-z][a-z0-9-]{0,30}
  std::string folder;  ///< where to write it; empty: ./<name>. Must not exist yet
};

/// `forecourt new <name> [--folder <path>]`: writes a plugin that builds, tests itself and loads, and prints the
/// commands that do so. The exit status: 0, or 1 after a message on standard error.
int run_new(const NewOptions& options);

}  // namespace forecourt::cli
