#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/crash_marker.hpp"
#include "storage/lane.hpp"
#include "storage/transaction.hpp"
#include "storage/watchdog.hpp"

namespace forecourt::storage {

/// A call of the group with what is to become of it.
struct GroupEntry {
  std::unique_ptr<WriteCall> call;
  Fate fate = Fate::committed;
  Error why;
  bool settled = false;  ///< refused for good: not run again
};

/// The calls of one transaction. They are run one by one, each under its own savepoint; nobody is
/// told anything before the group has ended.
class Group {
 public:
  static constexpr size_t k_calls_max = 128;

  /// How running one call, or the group again, ended.
  enum class Step {
    ok,
    lost,  ///< the call destroyed the transaction: it is settled as refused, nothing of the group
           ///< stands
    given_up,  ///< the watchdog finished the whole group while the call ran
  };

  Group(Watchdog& watchdog, CrashMarker* marker) : watchdog_(watchdog), marker_(marker) {
    entries_.reserve(k_calls_max);
  }

  bool full() const { return entries_.size() >= k_calls_max; }
  bool empty() const { return entries_.empty(); }

  /// Adds a call and runs it in the open transaction.
  Step add_and_run(std::unique_ptr<WriteCall> call, Connection& connection,
                   Transaction& transaction);
  /// Runs all that are not settled, again, in a fresh transaction.
  Step run_again(Connection& connection, Transaction& transaction);

  /// All that are not settled end like this.
  void settle(Fate fate, const Error& why);
  /// Tells every call its fate. From the lane after the group, or from the watchdog while it is
  /// stuck.
  void finish();
  void clear() { entries_.clear(); }

 private:
  Step run(GroupEntry& entry, Connection& connection, Transaction& transaction);
  Step lost(GroupEntry& entry, Connection& connection);
  Verdict run_marked(GroupEntry& entry, Session& session);

  Watchdog& watchdog_;
  CrashMarker* const marker_;  ///< nullptr for a database in memory
  std::vector<GroupEntry> entries_;
};

}  // namespace forecourt::storage
