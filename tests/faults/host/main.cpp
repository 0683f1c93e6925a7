// The host as it is, on a disk, a memory and a wall clock that do what a test says: see
// control.hpp.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "app/plugin_host.hpp"
#include "app/serve.hpp"
#include "cli/cli.hpp"
#include "faults/host/control.hpp"
#include "faults/host/disk.hpp"

int main(int argc, char** argv) {
  try {
    const char* control = std::getenv("FAULTS_CONTROL");
    const std::string_view verb = argc > 1 ? argv[1] : "";
    if (control != nullptr && verb == "serve") faults::obey(control);
    if (verb == "plugin-host") faults::join_disk_of_host();
    return forecourt::cli::run(
        argc, argv, {.serve = forecourt::app::serve, .plugin_host = forecourt::app::plugin_host});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "forecourt: %s\n", failure.what());
    return 1;
  }
}
