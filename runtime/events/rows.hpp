#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "events/outbox.hpp"
#include "storage/session.hpp"

/// Small helpers over storage::Rows for the host tables of events and jobs.
namespace forecourt::events {

inline storage::Value text(std::string_view value) { return storage::Value(value); }

inline std::string string(const storage::Value& value) { return std::string(value.bytes()); }

/// Every row, each made into a T by `make`.
template <class T, class Make>
Result<std::vector<T>> collect(storage::Rows& rows, Make make) {
  std::vector<T> all;
  for (;;) {
    Result<std::span<const storage::Value>> columns = rows.next();
    if (!columns) return std::move(columns).error();
    if (columns->empty()) return all;
    all.push_back(make(*columns));
  }
}

/// The first column of the only row, or `fallback` when there is none or it is NULL.
inline Result<int64_t> integer(storage::Session& session, std::string_view sql,
                               std::initializer_list<storage::Value> parameters, int64_t fallback) {
  Result<storage::Rows> rows = session.query(sql, parameters);
  if (!rows) return std::move(rows).error();
  Result<std::span<const storage::Value>> columns = rows->next();
  if (!columns) return std::move(columns).error();
  if (columns->empty() || (*columns)[0].is_null()) return fallback;
  return (*columns)[0].as_integer;
}

/// How trace and flag stand in the column trace_id.
constexpr std::string_view k_not_sampled = "-00";
inline std::string stored_trace(const Event& event) {
  return event.sampled ? event.trace_id : event.trace_id + std::string(k_not_sampled);
}

/// From columns in the order number, id, type, source, subject, org, time_ms, trace_id, data.
inline Event event_of(std::span<const storage::Value> columns) {
  Event event;
  event.number = columns[0].as_integer;
  event.id = string(columns[1]);
  event.type = string(columns[2]);
  event.source = string(columns[3]);
  event.subject = string(columns[4]);
  event.org = string(columns[5]);
  event.time_ms = columns[6].as_integer;
  event.trace_id = string(columns[7]);
  if (event.trace_id.ends_with(k_not_sampled)) {
    event.sampled = false;
    event.trace_id.resize(event.trace_id.size() - k_not_sampled.size());
  }
  event.data = string(columns[8]);
  return event;
}

}  // namespace forecourt::events
