// The host as it is, on a disk, a memory and a wall clock that do what a test says: see
// control.hpp.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "app/serve.hpp"
#include "cli/cli.hpp"
#include "faults/host/control.hpp"

int main(int argc, char** argv) {
  try {
    const char* control = std::getenv("FAULTS_CONTROL");
    const bool serves = argc > 1 && std::string_view(argv[1]) == "serve";
    if (control != nullptr && serves) faults::obey(control);
    return forecourt::cli::run(argc, argv, {.serve = forecourt::app::serve});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "forecourt: %s\n", failure.what());
    return 1;
  }
}
