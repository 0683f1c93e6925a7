// A host that a plugin may end: applies one manifest over a data folder as at start, and runs its
// operation once. victim <data folder> <bundle> <id>; exits 0 when it survived with the plugin
// running, 1 when the plugin failed.
#include <sys/resource.h>

#include <cstdio>

#include "site.hpp"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  forecourt::plugin::test::Site site(argv[1], false);
  auto applied = site.registry.apply(forecourt::plugin::test::manifest_for(argv[2], argv[3]),
                                     forecourt::plugin::Cause::start);
  if (!applied) {
    std::puts(applied.error().message.c_str());
    return 1;
  }
  site.call(argv[3]);
  return 0;
}
