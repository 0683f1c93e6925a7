#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "events/event_call.hpp"
#include "events/source.hpp"
#include "events/subscriber.hpp"

namespace forecourt::events {

/// Carries one publisher's events to one subscriber, in commit order: reads a page of the outbox on
/// a snapshot, prepares, and queues the calls one behind the other, so that the subscriber's lane
/// commits them in groups. Each call moves the cursor only from where the call before it left it;
/// when one does not take effect, all behind it roll back quietly and the pump starts again from
/// the cursor on disk.
class Pump final : public CursorOwner {
 public:
  Pump(Driver& driver, std::shared_ptr<const Subscriber> subscriber, std::string publisher,
       std::shared_ptr<Source> source, std::set<std::string> types, bool from_start);

  /// Finds or makes the cursor, now, on the calling thread. A failure is tried again by the steps;
  /// what is published from here on is not missed either way.
  void start();

  /// Why this pump has stopped, for the admin; empty when it runs.
  std::string alarm() const;
  /// How far the subscriber has surely read, for the publisher's pruning.
  std::optional<Cursor> confirmed() const;
  /// Goes on where `judge` says a stopped cursor can. Code::state when it is not stopped.
  Result<void> resume();

  bool concluded(int64_t number, Attempt::Outcome outcome, const Error& error) override;

 private:
  void step() override;
  void let_go() override { subscriber_.reset(); }
  Result<void> locate();
  Result<std::optional<Cursor>> cursor();
  Result<Page> read_page();
  void deliver();
  bool deliver_event(Event event);
  void move_past_skipped();
  void trouble(const Error& why);

  std::shared_ptr<const Subscriber> subscriber_;  // until closed
  const std::string name_;                        // the subscriber's
  const std::string publisher_;
  const std::shared_ptr<Source> source_;
  const std::vector<std::string> types_;
  const bool from_start_;

  // One step at a time, and `start` before the first.
  bool located_ = false;
  std::optional<Cursor> first_;  // where a new subscriber starts, once known
  Cursor chain_;                 // where the cursor will be when every queued call has committed
  int64_t looked_at_ = 0;        // events up to here were queued or are of no interest

  std::atomic<bool> hungry_{false};    // a finished call should look for more
  std::atomic<bool> derailed_{false};  // a call did not take effect: start again from the cursor
  std::atomic<int> refusals_{0};       // in a row

  mutable std::mutex mutex_;
  std::map<int64_t, Error>
      destroyed_;                    // guarded by mutex_: events that destroyed their transaction
  std::string stopped_;              // guarded by mutex_: why the cursor must not move
  std::string refusal_;              // guarded by mutex_: what stood in the way last
  std::optional<Cursor> confirmed_;  // guarded by mutex_
};

}  // namespace forecourt::events
