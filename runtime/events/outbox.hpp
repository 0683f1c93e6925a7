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
  int64_t number = 0;  ///< commit order within the publisher's store
  std::string id;
  std::string type;    ///< "payments.payment.verified"
  std::string source;  ///< the publishing plugin
  std::string subject;
  std::string org;  ///< the org of the call that published it
  int64_t time_ms = 0;
  std::string data;  ///< JSON
  std::string trace_id;
  bool sampled = true;  ///< whether the trace is recorded by who began it
};

/// The longest texts an event may carry.
inline constexpr size_t k_data_bytes_max = 256 * 1024;
inline constexpr size_t k_attribute_bytes_max = 1024;

/// Writes an event into the call's transaction; the dispatcher sees it after the commit. `number`
/// is given by the outbox; id and time come from the caller, who fixed them with the call, so that
/// a second run writes the same event. Code::invalid when a text is missing, too long or not UTF-8.
Result<void> publish(storage::Session& session, const Event& event);

/// Up to `limit` events with numbers above `after`, in order.
Result<std::vector<Event>> read_outbox(storage::Session& session, int64_t after, size_t limit);

/// The number of the newest event ever written, pruned or not; 0: none.
Result<int64_t> outbox_head(storage::Session& session);

}  // namespace forecourt::events
