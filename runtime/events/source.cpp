#include "events/source.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "events/rows.hpp"

namespace forecourt::events {

using storage::Rows;
using storage::Session;

namespace {

constexpr size_t k_page_bytes_max = 4 * 1024 * 1024;
constexpr int64_t k_look_ahead = 1024;  // rows looked through for one page

std::string page_statement(size_t types) {
  std::string sql =
      "SELECT number, id, type, source, subject, org, time_ms, trace_id, data FROM fc_outbox "
      "WHERE number > $1 AND number <= $2";
  for (size_t i = 0; i < types; ++i)
    sql += (i == 0 ? " AND type IN ($" : ", $") + std::to_string(i + 4);
  if (types > 0) sql += ")";
  return sql + " ORDER BY number LIMIT $3";
}

Result<void> read_events(Session& session, const PageRequest& request, Page& page) {
  std::vector<storage::Value> parameters = {request.after, page.through,
                                            static_cast<int64_t>(request.events_max)};
  for (const std::string& type : request.types) parameters.push_back(text(type));
  Result<Rows> rows =
      session.query(Session::Who::host, page_statement(request.types.size()), parameters);
  if (!rows) return std::move(rows).error();
  size_t bytes = 0;
  for (;;) {
    Result<std::span<const storage::Value>> columns = rows->next();
    if (!columns) return std::move(columns).error();
    if (columns->empty()) return {};
    page.events.push_back(event_of(*columns));
    bytes += page.events.back().data.size();
    if (page.events.size() < request.events_max && bytes < k_page_bytes_max) continue;
    page.through = page.events.back().number;
    return {};
  }
}

}  // namespace

Result<History> StoreSource::history() {
  std::optional<History> found;
  Result<void> done = store_.read(0, [&found](Session& session) -> Result<void> {
    Result<History> history = read_history(session);
    if (!history) return std::move(history).error();
    found = *std::move(history);
    return {};
  });
  if (!done) return std::move(done).error();
  return *std::move(found);
}

Result<Page> StoreSource::page(const PageRequest& request) {
  Page page;
  Result<void> read = store_.read(0, [&](Session& session) -> Result<void> {
    Result<std::string> epoch = read_epoch(session);
    if (!epoch) return std::move(epoch).error();
    page.epoch = *std::move(epoch);
    Result<int64_t> head = outbox_head(session);
    if (!head) return std::move(head).error();
    page.through = std::min(*head, request.after + k_look_ahead);
    if (*head <= request.after) return {};
    Result<int64_t> oldest = integer(session, "SELECT MIN(number) FROM fc_outbox", {}, *head + 1);
    if (!oldest) return std::move(oldest).error();
    page.gap = *oldest > request.after + 1;
    if (page.gap) return {};
    Result<void> found = read_events(session, request, page);
    page.more = page.through < *head;
    return found;
  });
  if (!read) return std::move(read).error();
  return page;
}

Result<void> StoreSource::register_reader(const Reader& reader) {
  std::vector<Reader> readers;
  Result<void> read = store_.read(0, [&readers](Session& session) -> Result<void> {
    Result<std::vector<Reader>> all = read_readers(session);
    if (!all) return std::move(all).error();
    readers = *std::move(all);
    return {};
  });
  if (!read) return read;
  for (const Reader& known : readers) {
    if (known.name == reader.name && known.at.epoch == reader.at.epoch &&
        known.at.number <= reader.at.number) {
      return {};
    }
  }
  return store_.lane().run_now([&reader](Session& session) { return put_reader(session, reader); });
}

Result<bool> StoreSource::forget_reader(const std::string& reader) {
  bool removed = false;
  Result<void> done = store_.lane().run_now([&](Session& session) -> Result<void> {
    Result<bool> found = remove_reader(session, reader);
    if (!found) return std::move(found).error();
    removed = *found;
    return {};
  });
  if (!done) return std::move(done).error();
  return removed;
}

}  // namespace forecourt::events
