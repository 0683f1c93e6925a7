#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace forecourt::events {

struct Parked;

/// A subscriber whose store is in another process: a dispatcher there reads the publishers and
/// delivers; the one here tells it what it needs to know and passes an admin's wishes on.
/// Thread-safe.
class RemoteSubscriber {
 public:
  virtual ~RemoteSubscriber() = default;
  /// Returns when it is fixed where the reading starts, or cannot be now. May block.
  virtual void publisher_attached(const std::string& publisher) = 0;
  /// Returns when nothing of the publisher's is asked for any more. May block.
  virtual void publisher_detached(const std::string& publisher) = 0;
  /// Something was published. Never blocks.
  virtual void published(const std::string& publisher) = 0;

  virtual Result<std::vector<Parked>> parked() = 0;
  virtual Result<void> replay(const std::string& publisher, int64_t number) = 0;
  virtual Result<void> drop(const std::string& publisher, int64_t number) = 0;
  virtual Result<void> resume(const std::string& publisher) = 0;
  virtual std::vector<std::string> alarms() const = 0;
  /// Waits until all it has read is handled or set aside (tests). False after `timeout_ms`.
  virtual bool drain_events(int64_t timeout_ms) = 0;
};

}  // namespace forecourt::events
