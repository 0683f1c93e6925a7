#include "storage/checkpoint.hpp"

#include "base/log.hpp"

namespace forecourt::storage {

void Checkpointer::attach(Connection& connection) {
  connection_ = &connection;
  frames_ = done_ = 0;
  hold_above_ = wal_bytes_max_ / 4;
  if (readers_ != nullptr) sqlite3_wal_hook(connection.handle(), &Checkpointer::on_commit, this);
}

int Checkpointer::on_commit(void* self, sqlite3*, const char*, int frames) {
  Checkpointer& checkpointer = *static_cast<Checkpointer*>(self);
  // Fewer than before: SQLite started the log over, because all of it was in the database.
  if (frames < checkpointer.frames_) checkpointer.done_ = 0;
  checkpointer.frames_ = frames;
  return SQLITE_OK;
}

bool Checkpointer::when_idle() {
  run(k_idle_frames);
  return readers_ != nullptr && (holding_ || pending() >= k_idle_frames);
}

bool Checkpointer::recover() {
  run(k_idle_frames);
  return !must_shed();
}

void Checkpointer::run(int64_t frames_wanted) {
  if (readers_ == nullptr || connection_ == nullptr) return;
  if (pending() >= frames_wanted) passive();
  if (wal_bytes() < hold_above_ && !must_shed()) return;
  if (!holding_) {
    holding_ = true;
    held_since_ = std::chrono::steady_clock::now();
    readers_->hold(true);
  }
  if (must_shed()) readers_->interrupt();
  if (readers_->active() == 0) {
    start_over();
  } else if (!must_shed() && std::chrono::steady_clock::now() - held_since_ > hold_max_) {
    // A long read: let the others through and try again when the log has grown some more.
    hold_above_ = wal_bytes() + wal_bytes_max_ / 8;
    holding_ = false;
    readers_->hold(false);
  }
}

void Checkpointer::passive() {
  int in_log = 0;
  int moved = 0;
  connection_->set_deadline(0);
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr,
                                             SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
  if (code != SQLITE_OK) {
    if (!failing_) log::warn("storage", "checkpoints fail", {{"reason", sqlite3_errstr(code)}});
    failing_ = true;
    return;
  }
  failing_ = false;
  frames_ = in_log;
  done_ = moved;
}

void Checkpointer::start_over() {
  connection_->set_deadline(0);
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), nullptr,
                                             SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  if (code != SQLITE_OK) return;
  frames_ = done_ = 0;
  hold_above_ = wal_bytes_max_ / 4;
  holding_ = false;
  readers_->hold(false);
}

}  // namespace forecourt::storage
