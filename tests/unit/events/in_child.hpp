#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "storage/crash_marker.hpp"

namespace forecourt::events::test {

/// Runs `body` in a process of its own and returns the signal that killed it; 0: it came to its
/// end, and -1: it ended with a failure. Call it while this process has no thread but one.
inline int in_child(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  if (WIFSIGNALED(status)) return WTERMSIG(status);
  return WEXITSTATUS(status) == 0 ? 0 : -1;
}

/// Dies of a fatal signal the way the host does: noted in the crash marker, then raised again.
[[noreturn]] inline void crash() {
  std::signal(SIGABRT, [](int signal) {
    storage::note_fatal_signal(signal);
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  });
  std::raise(SIGABRT);
  _exit(2);
}

/// Dies without a word, as by the out-of-memory killer.
[[noreturn]] inline void vanish() {
  std::raise(SIGKILL);
  _exit(2);
}

}  // namespace forecourt::events::test
