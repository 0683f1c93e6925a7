#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "plugin/library.hpp"
#include "plugin/registry.hpp"
#include "plugin/table.hpp"

namespace forecourt::plugin {
namespace {

/// What the library prints is not an answer: standard output goes nowhere, the answer through a
/// descriptor of our own.
int keep_output() {
  const int output = ::fcntl(1, F_DUPFD_CLOEXEC, 3);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) ::dup2(nowhere, 1);
  return output;
}

void say(int output, const std::string& text) {
  [[maybe_unused]] const ssize_t written = ::write(output, text.data(), text.size());
}

}  // namespace

int run_probe(const std::string& library, const std::string& id, const std::string& version) {
  // Die as the signal says and with the parent; leave no core file.
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::signal(signal, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);

  const int output = keep_output();
  auto entry = load_library(library);
  if (!entry) {
    say(output, entry.error().message);
    _exit(1);
  }
  if (auto table = read_table(*entry, id, version); !table) {
    say(output, table.error().message);
    _exit(1);
  }
  // Without the library's destructors: they are not what was asked about.
  _exit(0);
}

}  // namespace forecourt::plugin
