#include "app/serve.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
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
  return signals;
}

/// SIGHUP asks for a reload, and never ends the process.
sigset_t awaited_signals() {
  sigset_t signals = stop_signals();
  sigaddset(&signals, SIGHUP);
  return signals;
}

int wait_for_stop(App& app) {
  const sigset_t signals = awaited_signals();
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) return signal;
    log::info("app", "reloading", {{"signal", "SIGHUP"}});
    app.reload();
  }
}

/// What is acknowledged is on disk: leaving at once loses nothing but the answers still owed.
[[noreturn]] void leave(const char* why, const char* step) {
  log::error("app", why, {{"stopping", step}});
  log::stop();
  ::_exit(1);
}

/// While it stands, the process ends when stopping takes too long or somebody asks a second time.
class StopGuard {
 public:
  explicit StopGuard(int64_t limit_ms) : limit_ms_(limit_ms), thread_([this] { run(); }) {}
  /// What is being stopped.
  std::atomic<const char*>* step() { return &step_; }
  ~StopGuard() {
    done_ = true;
    ::pthread_kill(thread_.native_handle(), SIGTERM);  // wakes it
    thread_.join();
  }

 private:
  void run() {
    const sigset_t signals = stop_signals();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms_);
    for (;;) {
      const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(std::max(
          end - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration::zero()));
      const timespec limit{left.count() / 1'000'000'000, left.count() % 1'000'000'000};
      const int signal = sigtimedwait(&signals, nullptr, &limit);
      if (done_) return;
      if (signal > 0) leave("asked to stop a second time: leaving at once", step_);
      if (errno == EAGAIN) leave("not stopped within the grace period: leaving at once", step_);
    }
  }

  const int64_t limit_ms_;
  std::atomic<bool> done_{false};
  std::atomic<const char*> step_{""};
  std::thread thread_;
};

}  // namespace

int serve(const cli::Settings& settings) {
  // Before any thread: all of them leave these signals to this one.
  const sigset_t signals = awaited_signals();
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

  const int signal = wait_for_stop(**app);
  log::info("app", "stopping", {{"signal", signal == SIGINT ? "SIGINT" : "SIGTERM"}});
  {
    StopGuard guard(settings.grace_ms + k_closing_ms);
    (*app)->stop(guard.step());
    app->reset();
  }
  log::info("app", "stopped");
  log::stop();
  return 0;
}

}  // namespace forecourt::app
