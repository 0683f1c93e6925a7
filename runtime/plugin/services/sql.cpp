#include <forecourt/sql.h>

#include <atomic>
#include <cstddef>
#include <span>

#include "base/utf8.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

using storage::Session;
using storage::Value;

// Parameters and rows cross uncopied.
static_assert(sizeof(fc_sql_value) == sizeof(Value));
static_assert(offsetof(fc_sql_value, type) == offsetof(Value, type));
static_assert(offsetof(fc_sql_value, integer) == offsetof(Value, as_integer));
static_assert(offsetof(fc_sql_value, real) == offsetof(Value, as_real));
static_assert(offsetof(fc_sql_value, bytes) + offsetof(fc_view, p) == offsetof(Value, data));
static_assert(offsetof(fc_sql_value, bytes) + offsetof(fc_view, n) == offsetof(Value, size));
static_assert(FC_SQL_NULL == Value::null && FC_SQL_INTEGER == Value::integer &&
              FC_SQL_DOUBLE == Value::real && FC_SQL_TEXT == Value::text &&
              FC_SQL_BLOB == Value::blob);

constexpr uint32_t k_parameters_max = 32'766;
constexpr size_t k_open_rows_max = 64;
constexpr size_t k_statement_bytes_max = 1u << 20;

fc_status check_parameters(Call& call, const fc_sql_value* parameters, uint32_t count) {
  if (count > k_parameters_max) return refuse(call, FC_E_LIMIT, "sql: too many parameters");
  if (count > 0 && !parameters) return refuse(call, FC_E_INVALID, "sql: parameters are missing");
  for (uint32_t i = 0; i < count; ++i) {
    const fc_sql_value& one = parameters[i];
    if (one.type > FC_SQL_BLOB) {
      return refuse(call, FC_E_INVALID, "sql: $" + std::to_string(i + 1) + " has an unknown type");
    }
    if (one.type != FC_SQL_TEXT && one.type != FC_SQL_BLOB) continue;
    std::string_view bytes;
    if (!read_view(&one.bytes, bytes) || (one.type == FC_SQL_TEXT && !is_utf8(bytes))) {
      return refuse(call, FC_E_INVALID, "sql: $" + std::to_string(i + 1) + " is not UTF-8 text");
    }
  }
  return FC_OK;
}

std::span<const Value> values_of(const fc_sql_value* parameters, uint32_t count) {
  return {reinterpret_cast<const Value*>(parameters), count};
}

/// The checks execute and query share; the statement in `text`.
fc_status begin(Call& call, const fc_view* sql, const fc_sql_value* parameters, uint32_t count,
                std::string_view& text) {
  if (!read_view(sql, text)) return FC_E_INVALID;
  if (text.size() > k_statement_bytes_max) return FC_E_LIMIT;
  if (!call.session) return refuse(call, FC_E_STATE, "sql: this operation's access is \"none\"");
  return check_parameters(call, parameters, count);
}

fc_status execute(fc_handle handle, const fc_view* sql, const fc_sql_value* parameters,
                  uint32_t count, int64_t* changes) {
  return in_call(handle, Service::sql, [=](Call& call) -> fc_status {
    std::string_view text;
    if (const fc_status bad = begin(call, sql, parameters, count, text); bad != FC_OK) return bad;
    auto changed = call.session->execute(Session::Who::plugin, text, values_of(parameters, count));
    if (!changed) return refuse(call, changed.error());
    if (changes) *changes = *changed;
    return FC_OK;
  });
}

/// Never given twice in a process, so a closed query's handle finds nothing.
fc_handle next_rows_handle() {
  static std::atomic<uint64_t> next{1};
  return static_cast<uint64_t>(HandleKind::rows) << 56 |
         next.fetch_add(1, std::memory_order_relaxed);
}

fc_status query(fc_handle handle, const fc_view* sql, const fc_sql_value* parameters,
                uint32_t count, fc_handle* rows) {
  return in_call(handle, Service::sql, [=](Call& call) -> fc_status {
    if (!rows) return FC_E_INVALID;
    std::string_view text;
    if (const fc_status bad = begin(call, sql, parameters, count, text); bad != FC_OK) return bad;
    if (call.rows.size() >= k_open_rows_max)
      return refuse(call, FC_E_LIMIT, "sql: too many open queries");
    auto opened = call.session->query(Session::Who::plugin, text, values_of(parameters, count));
    if (!opened) return refuse(call, opened.error());
    *rows = next_rows_handle();
    call.rows.push_back({*rows, std::move(*opened)});
    return FC_OK;
  });
}

/// Queries belong to the call this thread runs.
template <class Function>
fc_status in_rows(fc_handle rows, Function&& function) noexcept {
  Call* const call = Call::current();
  if (!call) return FC_E_STALE;
  return in_call(call->handle, Service::sql, [=](Call& mine) -> fc_status {
    for (size_t i = 0; i < mine.rows.size(); ++i) {
      if (mine.rows[i].handle == rows) return function(mine, i);
    }
    return FC_E_STALE;
  });
}

fc_status next(fc_handle rows, const fc_sql_value** values, uint32_t* count) {
  return in_rows(rows, [=](Call& call, size_t at) -> fc_status {
    if (!values || !count) return FC_E_INVALID;
    auto row = call.rows[at].rows.next();
    if (!row) return refuse(call, row.error());
    *values = reinterpret_cast<const fc_sql_value*>(row->data());
    *count = static_cast<uint32_t>(row->size());
    return row->empty() ? FC_OK : FC_ROW;
  });
}

fc_status close(fc_handle rows) {
  return in_rows(rows, [](Call& call, size_t at) -> fc_status {
    call.rows.erase(call.rows.begin() + static_cast<std::ptrdiff_t>(at));
    return FC_OK;
  });
}

constexpr fc_sql_1 k_table = {sizeof(fc_sql_1), 0, execute, query, next, close};

}  // namespace

const void* const k_sql_table = &k_table;

}  // namespace forecourt::plugin
