#include "app/fatal_signals.hpp"

#include <signal.h>

#include <array>
#include <cstddef>

#include "storage/crash_marker.hpp"

namespace forecourt::app {
namespace {

constexpr std::array<int, 5> k_signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
std::array<struct sigaction, k_signals.size()> g_former;

void on_signal(int signal, siginfo_t* info, void*) {
  storage::note_fatal_signal(signal);
  for (size_t i = 0; i < k_signals.size(); ++i) {
    if (k_signals[i] == signal) ::sigaction(signal, &g_former[i], nullptr);
  }
  // A fault happens again when this returns and meets the former action. One that was sent does
  // not.
  if (info->si_code <= 0) ::raise(signal);
}

}  // namespace

void note_fatal_signals() {
  for (size_t i = 0; i < k_signals.size(); ++i) {
    struct sigaction action {};
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    ::sigaction(k_signals[i], &action, &g_former[i]);
  }
}

}  // namespace forecourt::app
