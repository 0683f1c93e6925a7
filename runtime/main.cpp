#include <cstdio>
#include <exception>

#include "app/serve.hpp"
#include "cli/cli.hpp"

int main(int argc, char** argv) {
  try {
    return forecourt::cli::run(argc, argv, {.serve = forecourt::app::serve});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "forecourt: %s\n", failure.what());
    return 1;
  }
}
