#pragma once

#include <chrono>
#include <cstdint>

#include "storage/connection.hpp"
#include "storage/reader_pool.hpp"

namespace forecourt::storage {

/// Moves the log into the database file. The lane's connection is the only one that does, between
/// groups, often and small: a large one stalls the lane. Used by the lane's thread.
class Checkpointer {
 public:
  /// New reads wait at most `hold_max_ms` for the log to start over.
  Checkpointer(ReaderPool* readers, int64_t wal_bytes_max, int64_t hold_max_ms)
      : readers_(readers), wal_bytes_max_(wal_bytes_max), hold_max_(hold_max_ms) {}

  /// Follows a new connection's log.
  void attach(Connection& connection);

  void detach() { connection_ = nullptr; }

  /// After a group: checkpoints when enough has gathered.
  void after_group() { run(k_busy_frames); }
  /// Nothing is queued: the time for it. True when there is more to do and a reader is in the way.
  bool when_idle();

  /// The log is past its bound and a reader keeps it from starting over: writes must wait.
  bool must_shed() const { return wal_bytes() >= wal_bytes_max_; }
  /// Tries again, for the lane that sheds. True when writes can go on.
  bool recover();

  int64_t wal_bytes() const { return frames_ * k_frame_bytes; }

 private:
  static constexpr int64_t k_frame_bytes = 4096 + 24;
  static constexpr int64_t k_busy_frames = 4'000;
  static constexpr int64_t k_idle_frames = 64;

  void run(int64_t frames_wanted);
  void passive();
  void start_over();
  int64_t pending() const { return frames_ - done_; }
  static int on_commit(void* self, sqlite3*, const char*, int frames);

  ReaderPool* const readers_;  ///< nullptr for a database in memory, which has no log
  const int64_t wal_bytes_max_;
  const std::chrono::milliseconds hold_max_;
  Connection* connection_ = nullptr;
  int64_t frames_ = 0;  ///< in the log
  int64_t done_ = 0;    ///< of those, already in the database
  int64_t hold_above_ =
      0;  ///< log size past which new reads are made to wait, to let it start over
  bool holding_ = false;
  bool failing_ = false;  ///< the last checkpoint failed, and that has been said
  std::chrono::steady_clock::time_point held_since_;
};

}  // namespace forecourt::storage
