#include "plugin/crash_marker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>

#include "storage/crash_marker.hpp"

namespace forecourt::plugin {
namespace {

constexpr int k_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
struct sigaction g_before[NSIG];

thread_local const CrashSite* t_site = nullptr;
thread_local std::string_view t_what;

/// A stack for the handler, so that a stack overflow can be written down too.
class SignalStack {
 public:
  SignalStack() {
    stack_t present{};
    if (sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
    memory_ = std::make_unique<uint8_t[]>(k_size);
    stack_t ours{};
    ours.ss_sp = memory_.get();
    ours.ss_size = k_size;
    sigaltstack(&ours, nullptr);
  }
  ~SignalStack() {
    if (!memory_) return;
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    sigaltstack(&none, nullptr);
  }

 private:
  static constexpr size_t k_size = 64u << 10;
  std::unique_ptr<uint8_t[]> memory_;
};

size_t append(char* line, size_t at, std::string_view text, size_t capacity) {
  const size_t n = text.size() < capacity - at ? text.size() : capacity - at;
  std::memcpy(line + at, text.data(), n);
  return at + n;
}

/// Only what is allowed in a signal handler: open, write, close, memcpy.
void write_marker(int signal) {
  const CrashSite* const site = t_site;
  if (!site) return;
  char line[512];
  const char number[] = {' ', static_cast<char>('0' + signal / 10),
                         static_cast<char>('0' + signal % 10), ' '};
  size_t n = append(line, 0, site->library, sizeof line);
  n = append(line, n, {number, sizeof number}, sizeof line);
  n = append(line, n, t_what, sizeof line);
  const int file = ::open(site->path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(file, line, n);
  ::close(file);
}

void on_fatal(int signal, siginfo_t* info, void*) {
  write_marker(signal);
  storage::note_fatal_signal(signal);
  // With the action from before in place, returning runs a faulting instruction again and so that
  // action; what was sent rather than caused is sent again.
  sigaction(signal, &g_before[signal], nullptr);
  if (info->si_code <= 0 || signal == SIGABRT) raise(signal);
}

}  // namespace

CrashScope::CrashScope(const CrashSite* site, std::string_view what)
    : outer_site_(t_site), outer_what_(t_what) {
  thread_local SignalStack stack;
  (void)stack;
  t_what = what;
  t_site = site;
}

CrashScope::~CrashScope() {
  t_site = outer_site_;
  t_what = outer_what_;
}

void catch_crashes() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (const int signal : k_signals) {
      struct sigaction action {};
      action.sa_sigaction = on_fatal;
      action.sa_flags = SA_SIGINFO | SA_ONSTACK;
      sigemptyset(&action.sa_mask);
      sigaction(signal, &action, &g_before[signal]);
    }
  });
}

std::optional<Crash> read_crash(const std::string& path) {
  std::ifstream in(path);
  Crash crash;
  if (!(in >> crash.library >> crash.signal)) return std::nullopt;
  std::getline(in >> std::ws, crash.what);
  return crash;
}

std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name ? "SIG" + std::string(name) : "signal " + std::to_string(signal);
}

}  // namespace forecourt::plugin
