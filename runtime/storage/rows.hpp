#pragma once

#include <cstdint>

#include "storage/connection.hpp"
#include "storage/session.hpp"

namespace forecourt::storage {

/// An open query. Stands in its connection's list, so that the end of a call ends it whoever forgot
/// it.
struct Rows::State {
  State(Session& owner, Connection& where, CachedStatement* what);
  ~State() { detach(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Gives the statement back; `next` answers Code::state from then on.
  void detach();
  /// Leaves the statement to the caller.
  void forget();

  Session& session;
  Connection& connection;
  CachedStatement* statement;  ///< nullptr once detached
  State* previous = nullptr;
  State* following = nullptr;
  bool first_row_ready = false;  ///< `query` has taken the first step already
  bool done = false;
};

/// Fills `statement.row` with the present row: text and blobs are SQLite's, valid until the next
/// step.
void read_row(CachedStatement& statement);

}  // namespace forecourt::storage
