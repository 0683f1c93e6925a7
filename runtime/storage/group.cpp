#include "storage/group.hpp"

#include <exception>

#include "base/log.hpp"
#include "base/round.hpp"

namespace forecourt::storage {

Group::Step Group::add_and_run(std::unique_ptr<WriteCall> call, Connection& connection,
                               Transaction& transaction) {
  entries_.push_back({std::move(call), Fate::committed, {}, false});
  return run(entries_.back(), connection, transaction);
}

Group::Step Group::run_again(Connection& connection, Transaction& transaction) {
  for (GroupEntry& entry : entries_) {
    if (entry.settled) continue;
    const Step step = run(entry, connection, transaction);
    if (step != Step::ok) return step;
  }
  return Step::ok;
}

Group::Step Group::run(GroupEntry& entry, Connection& connection, Transaction& transaction) {
  const int64_t deadline = entry.call->deadline_monotonic_ns();
  if (deadline != 0 && connection.clock().monotonic_ns() > deadline) {
    entry.fate = Fate::refused;
    entry.why = {Code::cancelled, "the deadline passed while the call was queued"};
    entry.settled = true;
    return Step::ok;
  }
  connection.set_fatal_code(SQLITE_OK);
  if (const int code = transaction.savepoint(); code != SQLITE_OK) {
    connection.set_fatal_code(code);
    return lost(entry, connection);
  }
  Session session = connection.session(true);
  session.set_deadline(deadline);
  watchdog_.begin(deadline);
  const Verdict verdict = run_marked(entry, session);
  if (!watchdog_.end()) return Step::given_up;
  connection.end_rows();
  if (!connection.in_transaction()) return lost(entry, connection);

  entry.fate = verdict == Verdict::commit ? Fate::committed : Fate::rolled_back;
  if (verdict == Verdict::roll_back) transaction.roll_back_to_savepoint();
  transaction.release();
  if (verdict == Verdict::roll_back) {
    Session after = connection.session(true);
    entry.call->after_roll_back(after);
    connection.end_rows();
  }
  return connection.in_transaction() ? Step::ok : lost(entry, connection);
}

Verdict Group::run_marked(GroupEntry& entry, Session& session) {
  const std::string marker = marker_ != nullptr ? entry.call->marker() : std::string();
  if (!marker.empty()) marker_->begin(marker);
  Verdict verdict = Verdict::roll_back;
  try {
    verdict = entry.call->run(session);
  } catch (const std::exception& error) {
    log::error("storage", "a write call threw; it is rolled back", {{"what", error.what()}});
  }
  if (!marker.empty()) marker_->end();
  return verdict;
}

Group::Step Group::lost(GroupEntry& entry, Connection& connection) {
  const int code = connection.fatal_code();
  entry.fate = Fate::refused;
  entry.why = connection.error(code, "");
  entry.why.message = "the call destroyed the transaction: " + entry.why.message;
  entry.settled = true;
  return Step::lost;
}

void Group::settle(Fate fate, const Error& why) {
  for (GroupEntry& entry : entries_) {
    if (entry.settled) continue;
    entry.fate = fate;
    entry.why = why;
    entry.settled = true;
  }
}

void Group::finish() {
  const Round round;
  for (GroupEntry& entry : entries_) entry.call->finished(entry.fate, entry.why);
}

}  // namespace forecourt::storage
