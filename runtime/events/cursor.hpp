#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "events/lineage.hpp"
#include "storage/session.hpp"

namespace forecourt::events {

/// The subscriber's side: how far it has read a publisher.
Result<std::optional<Cursor>> read_cursor(storage::Session& session, std::string_view publisher);
Result<void> create_cursor(storage::Session& session, std::string_view publisher, const Cursor& at);
/// Moves the cursor only from where the caller believes it is. False: it is elsewhere, nothing was
/// written.
Result<bool> move_cursor(storage::Session& session, std::string_view publisher, const Cursor& from,
                         const Cursor& to);

/// The publisher's side: who reads its outbox and how far, kept lazily, never ahead of the cursor.
struct Reader {
  std::string name;
  Cursor at;
};
Result<std::vector<Reader>> read_readers(storage::Session& session);
/// Adds the reader, or moves it when it is known.
Result<void> put_reader(storage::Session& session, const Reader& reader);
/// False when it was not there.
Result<bool> remove_reader(storage::Session& session, std::string_view name);

}  // namespace forecourt::events
