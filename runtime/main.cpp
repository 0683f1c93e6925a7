#include <cstdio>
#include <exception>

#include "app/plugin_host.hpp"
#include "app/serve.hpp"
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  try {
    return forecourt::cli::run(
        argc, argv, {.serve = forecourt::app::serve, .plugin_host = forecourt::app::plugin_host});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "forecourt: %s\n", failure.what());
    return 1;
  }
}
