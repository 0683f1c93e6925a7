#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "events/outbox.hpp"
#include "storage/session.hpp"

/// The table of events set aside in a subscriber's store. Per publisher and subject at most the
/// first row is "retrying" or "parked"; all later ones are "behind" it, in order of arrival.
namespace forecourt::events {

inline constexpr std::string_view k_retrying = "retrying";
inline constexpr std::string_view k_behind = "behind";
inline constexpr std::string_view k_parked = "parked";

struct ParkedRow {
  int64_t sequence = 0;  ///< order of arrival; given by the table
  std::string publisher;
  std::string epoch;
  Event event;
  std::string state;
  int attempts = 0;
  int64_t due_ms = 0;
  std::string reason;
};

/// Whether an event of this subject must wait behind another.
Result<bool> subject_waits(storage::Session& session, std::string_view publisher,
                           std::string_view subject);
Result<void> set_aside(storage::Session& session, const ParkedRow& row);

/// Rows to run at `now_ms`, longest due first. One due later than `horizon_ms` is due too: no
/// backoff reaches that far, so the clock was set back.
Result<std::vector<ParkedRow>> due_rows(storage::Session& session, int64_t now_ms,
                                        int64_t horizon_ms, size_t limit);
/// Whether any row waits for its time.
Result<bool> any_retrying(storage::Session& session);
Result<std::vector<ParkedRow>> all_rows(storage::Session& session);
/// The first to arrive of that number; numbers may repeat over epochs.
Result<std::optional<ParkedRow>> find_row(storage::Session& session, std::string_view publisher,
                                          int64_t number);

/// Deletes the row as it was read. False: somebody else has run or dropped it.
Result<bool> take_row(storage::Session& session, const ParkedRow& row);
Result<void> update_row(storage::Session& session, const ParkedRow& row);
/// Lets the next of a subject run after its first row has gone.
Result<void> release_next(storage::Session& session, std::string_view publisher,
                          std::string_view subject, int64_t now_ms);

}  // namespace forecourt::events
