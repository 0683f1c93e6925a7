#pragma once

#include <sys/types.h>

#include <string>

#include "e2e/support/host_process.hpp"

namespace faults {

/// The process of an isolated plugin that runs now, held so that a signal never reaches one that took
/// over its number. A failed test when there is none.
class PluginProcess {
 public:
  PluginProcess(const e2e::HostProcess& host, const std::string& plugin);
  ~PluginProcess();
  PluginProcess(const PluginProcess&) = delete;
  PluginProcess& operator=(const PluginProcess&) = delete;

  void kill() const;  ///< SIGKILL
  /// Waits until another one runs in its place.
  void expect_replaced() const;

 private:
  const e2e::HostProcess& host_;
  const std::string plugin_;
  pid_t pid_ = 0;
  int pidfd_ = -1;
};

/// How often the processes of a plugin have ended unasked since its host was started.
int64_t crashes_of(const e2e::HostProcess& host, const std::string& plugin);

}  // namespace faults
