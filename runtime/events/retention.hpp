#pragma once

#include <cstdint>

namespace forecourt::events {

/// How long a publisher keeps its outbox.
struct Retention {
  /// The newest events that are kept even when everybody has read them: history for new subscribers
  /// that are granted it, and for those restored from a backup.
  int64_t events_min = 100'000;
  /// A subscriber this far behind stops holding the outbox; it is stopped with an alarm where its
  /// events are gone, never moved past them silently. An alarm tells of it from half of this on.
  int64_t events_max = 10'000'000;
  /// An alarm tells of a subscriber whose oldest unread event is older than this. Age never prunes:
  /// clocks jump.
  int64_t lag_alarm_ms = 24 * 3'600'000;
  /// Events deleted in one write call.
  int64_t slice = 512;
};

}  // namespace forecourt::events
