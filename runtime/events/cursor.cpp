#include "events/cursor.hpp"

#include <utility>

#include "events/rows.hpp"

namespace forecourt::events {

using storage::Rows;
using storage::Session;

namespace {

Result<bool> changed(Result<int64_t> rows) {
  if (!rows) return std::move(rows).error();
  return *rows > 0;
}

Result<void> done(Result<int64_t> rows) {
  if (!rows) return std::move(rows).error();
  return {};
}

}  // namespace

Result<std::optional<Cursor>> read_cursor(Session& session, std::string_view publisher) {
  Result<Rows> rows =
      session.query("SELECT epoch, number FROM fc_cursor WHERE publisher = $1", {publisher});
  if (!rows) return std::move(rows).error();
  Result<std::span<const storage::Value>> columns = rows->next();
  if (!columns) return std::move(columns).error();
  if (columns->empty()) return std::optional<Cursor>();
  return std::optional<Cursor>(Cursor{string((*columns)[0]), (*columns)[1].as_integer});
}

Result<void> create_cursor(Session& session, std::string_view publisher, const Cursor& at) {
  return done(session.execute("INSERT INTO fc_cursor(publisher, epoch, number) VALUES($1, $2, $3)",
                              {publisher, text(at.epoch), at.number}));
}

Result<bool> move_cursor(Session& session, std::string_view publisher, const Cursor& from,
                         const Cursor& to) {
  return changed(
      session.execute("UPDATE fc_cursor SET epoch = $1, number = $2 WHERE publisher = $3 AND epoch "
                      "= $4 AND number = $5",
                      {text(to.epoch), to.number, publisher, text(from.epoch), from.number}));
}

Result<std::vector<Reader>> read_readers(Session& session) {
  Result<Rows> rows = session.query("SELECT name, epoch, number FROM fc_subscriber ORDER BY name");
  if (!rows) return std::move(rows).error();
  return collect<Reader>(*rows, [](auto columns) {
    return Reader{string(columns[0]), {string(columns[1]), columns[2].as_integer}};
  });
}

Result<void> put_reader(Session& session, const Reader& reader) {
  return done(session.execute(
      "INSERT INTO fc_subscriber(name, epoch, number) VALUES($1, $2, $3) "
      "ON CONFLICT(name) DO UPDATE SET epoch = excluded.epoch, number = excluded.number",
      {text(reader.name), text(reader.at.epoch), reader.at.number}));
}

Result<bool> remove_reader(Session& session, std::string_view name) {
  return changed(session.execute("DELETE FROM fc_subscriber WHERE name = $1", {name}));
}

}  // namespace forecourt::events
