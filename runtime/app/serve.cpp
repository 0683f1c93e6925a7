#include "app/serve.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "app/app.hpp"
#include "app/banner.hpp"
#include "app/fatal_signals.hpp"
#include "base/log.hpp"

namespace forecourt::app {
namespace {

/// Beyond the grace period for requests: stores close and logs are written.
constexpr int64_t k_closing_ms = 5'000;

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

int wait_for_signal() {
  const sigset_t signals = stop_signals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

/// What is acknowledged is on disk: leaving at once loses nothing but the answers still owed.
[[noreturn]] void leave(const char* why) {
  log::error("app", why);
  log::stop();
  ::_exit(1);
}

/// Ends the process when stopping takes too long or somebody asks a second time.
void guard_stop(int64_t grace_ms) {
  std::thread([grace_ms] {
    const sigset_t signals = stop_signals();
    const int64_t limit_ms = grace_ms + k_closing_ms;
    timespec limit{limit_ms / 1000, (limit_ms % 1000) * 1'000'000};
    const bool asked_again = sigtimedwait(&signals, nullptr, &limit) > 0;
    leave(asked_again ? "asked to stop a second time: leaving at once"
                      : "not stopped within the grace period: leaving at once");
  }).detach();
}

}  // namespace

int serve(const cli::Settings& settings) {
  // Before any thread: all of them leave these signals to this one.
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  note_fatal_signals();

  log::start(settings.log_level);
  auto app = App::start(settings);
  if (!app) {
    std::fprintf(stderr, "forecourt serve: %s\n", app.error().message.c_str());
    log::stop();
    return 1;
  }
  std::fputs(banner(settings, **app).c_str(), stdout);
  std::fflush(stdout);

  const int signal = wait_for_signal();
  log::info("app", "stopping",
            {{"signal", signal == SIGINT   ? "SIGINT"
                        : signal == SIGHUP ? "SIGHUP"
                                           : "SIGTERM"}});
  guard_stop(settings.grace_ms);
  (*app)->stop();
  app->reset();
  log::info("app", "stopped");
  log::stop();
  return 0;
}

}  // namespace forecourt::app
