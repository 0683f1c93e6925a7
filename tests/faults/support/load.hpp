#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace faults {

/// What came back while the load went on.
struct Load {
  std::map<int, int64_t> statuses;  ///< 0: the connection broke
  double seconds = 0;
  int64_t p99_us = 0;  ///< of the answers below 400

  int64_t good() const;
  double good_per_s() const { return static_cast<double>(good()) / seconds; }
  /// "201: 5,000, 503: 12"
  std::string text() const;
};

/// `connections` clients, each with one request under way, for some seconds; one thread. A client
/// that is refused asks again at once: what is offered grows with what is turned away. `tick` is
/// called about every tenth of a second.
Load closed_loop(uint16_t port, int connections, double seconds,
                 const std::function<std::string()>& next_request,
                 const std::function<void()>& tick = {});

/// A socket connected to the host on loopback, not blocking; a failed test when there is none.
int connect_to(uint16_t port, int receive_buffer = 0);

/// Lets this process, and hosts it starts, have this many descriptors; what it may have.
int64_t allow_descriptors(int64_t wanted);

/// Resident memory of a process, in MiB.
double resident_mib(pid_t pid);

}  // namespace faults
