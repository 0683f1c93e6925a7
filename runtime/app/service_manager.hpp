#pragma once

#include <string>

namespace forecourt::app {

/// Tells the service manager how the host is, by the protocol of sd_notify(3): a datagram to the
/// socket that NOTIFY_SOCKET names. Without one it does nothing. Thread-safe.
class ServiceManager {
 public:
  /// `socket` is the value of NOTIFY_SOCKET: a path, or an abstract name that starts with '@'.
  explicit ServiceManager(std::string socket);

  void ready() const { tell("READY=1"); }
  void stopping() const { tell("STOPPING=1"); }
  /// The host's I/O thread runs; what a unit with WatchdogSec= waits for.
  void alive() const { tell("WATCHDOG=1"); }

 private:
  void tell(const char* word) const;

  std::string socket_;
};

}  // namespace forecourt::app
