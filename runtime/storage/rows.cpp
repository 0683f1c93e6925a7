#include "storage/rows.hpp"

#include <new>

namespace forecourt::storage {

Rows::State::State(Session& owner, Connection& where, CachedStatement* what)
    : session(owner), connection(where), statement(what), following(where.open_rows_) {
  statement->busy = true;
  if (following != nullptr) following->previous = this;
  connection.open_rows_ = this;
}

void Rows::State::detach() {
  if (statement == nullptr) return;
  CachedStatement* const mine = statement;
  forget();
  connection.release(mine);
}

void Rows::State::forget() {
  if (previous != nullptr) previous->following = following;
  if (following != nullptr) following->previous = previous;
  if (connection.open_rows_ == this) connection.open_rows_ = following;
  previous = following = nullptr;
  statement = nullptr;
}

void read_row(CachedStatement& statement) {
  for (size_t i = 0; i < statement.row.size(); ++i) {
    const int column = static_cast<int>(i);
    Value& value = statement.row[i];
    value = Value();
    switch (sqlite3_column_type(statement.stmt, column)) {
      case SQLITE_INTEGER:
        value.type = Value::integer;
        value.as_integer = sqlite3_column_int64(statement.stmt, column);
        break;
      case SQLITE_FLOAT:
        value.type = Value::real;
        value.as_real = sqlite3_column_double(statement.stmt, column);
        break;
      case SQLITE_TEXT:
        value.type = Value::text;
        value.data = sqlite3_column_text(statement.stmt, column);
        value.size = static_cast<uint64_t>(sqlite3_column_bytes(statement.stmt, column));
        break;
      case SQLITE_BLOB:
        value.type = Value::blob;
        value.data = static_cast<const uint8_t*>(sqlite3_column_blob(statement.stmt, column));
        value.size = static_cast<uint64_t>(sqlite3_column_bytes(statement.stmt, column));
        break;
      default: break;
    }
    // Without memory to lay a value out SQLite hands over nothing, which is not an empty value.
    const bool has_bytes = value.type == Value::text || value.type == Value::blob;
    if (has_bytes && value.data == nullptr &&
        sqlite3_errcode(sqlite3_db_handle(statement.stmt)) == SQLITE_NOMEM)
      throw std::bad_alloc();
  }
}

Rows::Rows(std::unique_ptr<State> state) : state_(std::move(state)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

Result<std::span<const Value>> Rows::next() {
  State& state = *state_;
  if (state.done) return std::span<const Value>();
  if (state.statement == nullptr)
    return Error{Code::state, "sql: the query has ended with its call"};
  CachedStatement& statement = *state.statement;
  if (!state.first_row_ready) {
    state.connection.guard().apply(statement.who == Session::Who::plugin ? Guard::Rules::plugin
                                                                         : Guard::Rules::host);
    state.connection.set_deadline(state.session.deadline_ns_);
    const int code = sqlite3_step(statement.stmt);
    if (code == SQLITE_DONE) {
      state.done = true;
      state.detach();
      return std::span<const Value>();
    }
    if (code != SQLITE_ROW) {
      Error error = state.connection.error(code, statement.text);
      state.detach();
      if (state.session.writable_ && !state.connection.in_transaction()) {
        state.session.lost_ = true;
        state.connection.set_fatal_code(code);
      }
      return error;
    }
  }
  state.first_row_ready = false;
  read_row(statement);
  return std::span<const Value>(statement.row);
}

}  // namespace forecourt::storage
