#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "events/activity.hpp"
#include "events/consumer.hpp"
#include "events/kill_counts.hpp"
#include "events/retry_policy.hpp"
#include "storage/store.hpp"

namespace forecourt::events {

/// What the pumps and the retries of one running subscriber share. Constant after construction.
struct Subscriber {
  std::string id;
  storage::Store* store = nullptr;
  std::shared_ptr<Consumer> consumer;
  std::shared_ptr<KillCounts> kills;
  const Clock* clock = nullptr;
  RetryPolicy policy;
  std::function<void()>
      committed;  ///< a handler's effect is on disk: it may have published or planned
  std::function<void()> set_aside;  ///< an event waits for a retry
};

/// The wait after the `times`th refusal in a row that is not the work's fault.
inline std::chrono::milliseconds refusal_wait(int times) {
  return std::chrono::milliseconds(std::min(5 << std::min(times, 7), 500));
}

inline std::string event_marker(const std::string& publisher, const std::string& epoch,
                                int64_t number) {
  return "event " + publisher + " " + epoch + " " + std::to_string(number);
}

}  // namespace forecourt::events
