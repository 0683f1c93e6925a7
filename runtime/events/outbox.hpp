#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/session.hpp"

namespace forecourt::events {

/// One published fact, as it stands in the publisher's outbox.
struct Event {
  int64_t number = 0;     ///< commit order within the publisher's store
  std::string id;
  std::string type;       ///< "payments.payment.verified"
  std::string source;     ///< the publishing plugin
  std::string subject;
  std::string org;        ///< the org of the call that published it
  int64_t time_ms = 0;
  std::string data;       ///< JSON
  std::string trace_id;
};

/// Writes an event into the call's transaction; the dispatcher sees it after the commit.
Result<void> publish(storage::Session& session, const Event& event);

/// Up to `limit` events with numbers above `after`, in order.
Result<std::vector<Event>> read_outbox(storage::Session& session, int64_t after, size_t limit);

}  // namespace forecourt::events
