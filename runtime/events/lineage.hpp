#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "storage/session.hpp"

namespace forecourt::events {

/// A place in a publisher's history: the last event read, and in which epoch.
struct Cursor {
  std::string epoch;
  int64_t number = 0;
};

struct EpochStart {
  std::string epoch;
  int64_t first_number =
      1;  ///< numbers from here on are the epoch's own; those below it shares with the last
};

/// What a publisher's store says of its history, read in one snapshot.
struct History {
  std::vector<EpochStart> epochs;  ///< oldest first; the last is in force
  int64_t head = 0;                ///< the newest event ever written
  int64_t oldest = 1;              ///< the oldest event still kept; head + 1 when none is

  const std::string& epoch() const { return epochs.back().epoch; }
};

Result<History> read_history(storage::Session& session);

/// The epoch in force, as cheap as one row.
Result<std::string> read_epoch(storage::Session& session);

/// Where a reader with this cursor stands in a history that may have been restored since.
struct Standing {
  Cursor resume;        ///< where it goes on, in the epoch in force; when stopped, where it could
  std::string trouble;  ///< why it must stop rather than skip; empty: it may go on
};

/// A cursor of an older epoch goes on in the one in force as long as it has read only what both
/// share. One beyond that, beyond the head, of an epoch this history does not know, or before the
/// oldest event kept stops: events were lost or would be skipped.
Standing judge(const Cursor& cursor, const History& history);

}  // namespace forecourt::events
