// From one generation to the next where one of them has a process of its own: only one process may
// have the database open, so the old one ends before the new one begins, and requests wait.
#include "base/log.hpp"
#include "plugin/registry_impl.hpp"
#include "storage/foreign.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_waiting_max = 4096;

/// Whether what ran before may have the data again. In process only when no other code had it
/// meanwhile: what a process of its own wrote, the host opens only if it trusted that code before.
bool may_return(const Candidate& former, const std::string& meanwhile_sha256) {
  return is_isolated(former.manifest) || former.bundle.library_sha256 == meanwhile_sha256;
}

/// The end of a move: nothing is written any more, and the process that wrote ends.
Result<void> finish_move(Move& move, Live& old, int64_t drain_timeout_ms) {
  old.drain(drain_timeout_ms);
  auto done = move.rest();
  old.close();
  return done ? move.take_place() : done;
}

}  // namespace

/// Starts the candidate where nothing runs and puts it in force.
Result<void> Registry::Impl::take_over(const std::string& id, Record& record, Candidate candidate) {
  auto fresh = start(record, std::move(candidate));
  if (!fresh) return fresh.error();
  if (auto done = put_in_force(id, record, std::move(*fresh)); !done) return done;
  return {};
}

/// Of data that a process of its own has written and nobody has open: such a process is started
/// once more, to tell it.
Result<void> Registry::Impl::bring_home(Record& record, const Candidate& candidate) {
  Candidate apart = candidate;
  apart.manifest.mode = "isolated";
  auto teller = start(record, std::move(apart));
  if (!teller) return teller.error();
  Live& live = *(*teller)->live;
  auto move =
      Move::begin({parts.data_folder, (*teller)->candidate, *parts.clock, ending}, live.rows());
  if (move) return finish_move(**move, live, parts.drain_timeout_ms);
  live.drain(parts.drain_timeout_ms);
  live.close();
  return move.error();
}

Result<void> Registry::Impl::hand_over(const std::string& id, Record& record, Candidate candidate) {
  // Into this process: most of the data comes while the other one still serves.
  std::unique_ptr<Move> move;
  if (!is_isolated(candidate.manifest)) {
    auto begun = Move::begin({parts.data_folder, record.running->candidate, *parts.clock, ending},
                             record.running->live->rows());
    if (!begun) return begun.error();
    move = std::move(*begun);
  }
  const auto room = std::make_shared<WaitingRoom>(k_waiting_max);
  std::unique_ptr<Running> old;
  {
    std::lock_guard lock(mutex);
    old = std::move(record.running);
    record.waiting = room;
  }
  old->live->set_successor(room);
  const Candidate former = old->candidate;
  const std::string wanted_sha256 = candidate.bundle.library_sha256;
  publish_or_log();
  if (parts.dispatcher) parts.dispatcher->detach(id);
  if (parts.scheduler) parts.scheduler->detach(id);

  Result<void> done;
  if (move) {
    done = finish_move(*move, *old->live, parts.drain_timeout_ms);
  } else if (!retire(id, record, std::move(old))) {
    done = Error{Code::unavailable, "calls are stuck in the generation that runs; try again"};
  }
  if (done) done = take_over(id, record, std::move(candidate));
  if (!done && may_return(former, wanted_sha256)) {
    log::warn("plugin", "the generation before is started again",
              {{"plugin", id}, {"reason", done.error().message}});
    if (!is_isolated(former.manifest)) storage::unmark_foreign(parts.data_folder, id);
    if (auto restored = take_over(id, record, former); !restored) {
      log::error("plugin", "it does not start again",
                 {{"plugin", id}, {"reason", restored.error().message}});
    }
  }
  std::shared_ptr<http::Handler> next;
  {
    std::lock_guard lock(mutex);
    record.waiting.reset();
    if (record.running) next = record.running->live->handler();
  }
  publish_or_log();
  room->open(std::move(next));
  return done;
}

}  // namespace forecourt::plugin
