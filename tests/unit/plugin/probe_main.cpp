// The child that probes a library, as the host's own binary is.
#include "plugin/registry.hpp"

int main(int argc, char** argv) {
  return argc == 4 ? forecourt::plugin::run_probe(argv[1], argv[2], argv[3]) : 2;
}
