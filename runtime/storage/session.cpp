#include "storage/session.hpp"

#include <cstring>

#include "storage/rows.hpp"

namespace forecourt::storage {
namespace {

int bind(sqlite3_stmt* stmt, int position, const Value& value, const char* bytes) {
  // A null pointer would bind NULL: an empty text is still a text.
  const char* data = bytes != nullptr ? bytes : "";
  switch (value.type) {
    case Value::integer: return sqlite3_bind_int64(stmt, position, value.as_integer);
    case Value::real: return sqlite3_bind_double(stmt, position, value.as_real);
    case Value::text:
      return sqlite3_bind_text64(stmt, position, data, value.size, SQLITE_STATIC, SQLITE_UTF8);
    case Value::blob: return sqlite3_bind_blob64(stmt, position, data, value.size, SQLITE_STATIC);
    case Value::null: return sqlite3_bind_null(stmt, position);
    default: return SQLITE_MISUSE;
  }
}

/// Gives a statement back at the end of the scope, also when there is no memory to say why.
struct Released {
  Connection& connection;
  CachedStatement& statement;
  ~Released() { connection.release(&statement); }
};

bool has_bytes(const Value& value) {
  return (value.type == Value::text || value.type == Value::blob) && value.size > 0;
}

/// Binds the parameters and the org. With `copy`, their bytes are kept with the statement.
int bind_all(CachedStatement& statement, std::span<const Value> parameters, std::string_view org,
             bool copy) {
  std::string& kept = statement.parameter_bytes;
  if (copy) {
    size_t total = org.size();
    for (const Value& value : parameters) total += has_bytes(value) ? value.size : 0;
    kept.clear();
    kept.reserve(total);  // so that the pointers below stay where they are
  }
  const auto place = [&](std::string_view bytes) {
    if (!copy || bytes.empty()) return bytes.data();
    const size_t at = kept.size();
    kept.append(bytes);
    return static_cast<const char*>(kept.data() + at);
  };
  int code = SQLITE_OK;
  for (size_t i = 0; i < parameters.size() && code == SQLITE_OK; ++i) {
    const Value& value = parameters[i];
    if (statement.positions[i] == 0) continue;
    const char* bytes = has_bytes(value) ? place(value.bytes()) : nullptr;
    code = bind(statement.stmt, statement.positions[i], value, bytes);
  }
  if (code != SQLITE_OK || statement.org_position == 0) return code;
  return bind(statement.stmt, statement.org_position, Value(org), place(org));
}

}  // namespace

Session::Session(Connection& connection, bool writable)
    : connection_(connection), writable_(writable) {}

void Session::set_org(std::string_view org) { org_ = org; }
void Session::allow_unscoped(bool allowed) { unscoped_ = allowed; }
void Session::set_deadline(int64_t monotonic_ns) { deadline_ns_ = monotonic_ns; }
bool Session::writable() const { return writable_; }
bool Session::transaction_lost() const { return lost_; }

Result<CachedStatement*> Session::start(Who who, std::string_view sql,
                                        std::span<const Value> parameters, bool copy_parameters) {
  if (lost_) {
    return Error{Code::state, "sql: an earlier statement of this call destroyed the transaction"};
  }
  // Asked before a statement runs, because one that is stopped midway takes the whole group with
  // it.
  const bool late = deadline_ns_ != 0 && connection_.clock().monotonic_ns() > deadline_ns_;
  if (late || connection_.interrupted()) {
    return Error{Code::cancelled, "sql: the deadline has passed or the read was ended"};
  }
  auto prepared = connection_.statement(who, sql);
  if (!prepared) return prepared.error();
  CachedStatement& statement = **prepared;
  const auto refused = [&](Code code, std::string message) {
    if (!statement.cached) connection_.release(&statement);
    return Error{code, std::move(message)};
  };
  if (!statement.read_only && !writable_) {
    return refused(Code::state, "sql: a read snapshot cannot write");
  }
  if (!statement.unscoped_table.empty() && !unscoped_) {
    return refused(Code::denied, "sql: table " + statement.unscoped_table +
                                     " is org-scoped and the manifest does not grant \"unscoped\"");
  }
  if (statement.org_position != 0 && org_.empty()) {
    return refused(Code::state, "sql: $fc_org: the call has no org yet; adopt one first");
  }
  if (parameters.size() != statement.positions.size()) {
    return refused(Code::invalid, "sql: " + std::to_string(parameters.size()) +
                                      " parameters given, " +
                                      std::to_string(statement.positions.size()) +
                                      " used in: " + std::string(sql.substr(0, 120)));
  }
  const int code = bind_all(statement, parameters, org_, copy_parameters);
  if (code != SQLITE_OK) {
    return refused(code == SQLITE_TOOBIG ? Code::limit : Code::invalid,
                   "sql: a parameter cannot be bound: " + std::string(sqlite3_errstr(code)));
  }
  connection_.guard().apply(who == Who::plugin ? Guard::Rules::plugin : Guard::Rules::host);
  connection_.set_deadline(deadline_ns_);
  return &statement;
}

Error Session::failed(CachedStatement& statement, int code) {
  const Released released{connection_, statement};
  if (writable_ && !connection_.in_transaction()) {
    lost_ = true;
    connection_.set_fatal_code(code);
  }
  return connection_.error(code, statement.text);
}

Result<int64_t> Session::execute(Who who, std::string_view sql, std::span<const Value> parameters) {
  auto started = start(who, sql, parameters, false);
  if (!started) return started.error();
  CachedStatement& statement = **started;
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = sqlite3_step(statement.stmt);
  if (code != SQLITE_DONE) return failed(statement, code);
  const int64_t changes = statement.changes_rows ? sqlite3_changes64(connection_.handle()) : 0;
  connection_.release(&statement);
  return changes;
}

Result<Rows> Session::query(Who who, std::string_view sql, std::span<const Value> parameters) {
  auto started = start(who, sql, parameters, true);
  if (!started) return started.error();
  CachedStatement& statement = **started;
  // Before the first step: from there on the statement must be given back, whatever happens.
  auto state = std::make_unique<Rows::State>(*this, connection_, &statement);
  const int code = sqlite3_step(statement.stmt);
  if (code != SQLITE_ROW && code != SQLITE_DONE) {
    state->forget();
    return failed(statement, code);
  }
  state->first_row_ready = code == SQLITE_ROW;
  if (code == SQLITE_DONE) {
    state->detach();
    state->done = true;
  }
  return Rows(std::move(state));
}

Result<int64_t> Session::execute(std::string_view sql, std::initializer_list<Value> parameters) {
  return execute(Who::host, sql, std::span<const Value>(parameters.begin(), parameters.size()));
}

Result<Rows> Session::query(std::string_view sql, std::initializer_list<Value> parameters) {
  return query(Who::host, sql, std::span<const Value>(parameters.begin(), parameters.size()));
}

Result<void> Session::check(Who who, std::string_view sql) {
  auto prepared = connection_.statement(who, sql);
  if (!prepared) return prepared.error();
  const std::string unscoped = (*prepared)->unscoped_table;
  if (!(*prepared)->cached) connection_.release(*prepared);
  if (unscoped.empty() || unscoped_) return {};
  return Error{Code::denied, "sql: table " + unscoped +
                                 " is org-scoped and the manifest does not grant \"unscoped\""};
}

}  // namespace forecourt::storage
