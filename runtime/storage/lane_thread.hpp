#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "storage/call_queue.hpp"
#include "storage/checkpoint.hpp"
#include "storage/group.hpp"
#include "storage/lane.hpp"
#include "storage/retention.hpp"

namespace forecourt::storage {

struct LaneOptions {
  const Clock* clock = nullptr;
  size_t queue_max = 4096;
  int64_t stuck_grace_ms = 1'000;
  int64_t wal_bytes_max = 256ll << 20;
  int64_t log_hold_ms = 100;
  CrashMarker* marker = nullptr;  ///< nullptr for a database in memory
  ReaderPool* readers = nullptr;  ///< nullptr for a database in memory
  /// Opens the writing connection anew, after a COMMIT failed.
  std::function<Result<std::unique_ptr<Connection>>()> reopen;
};

/// The lane over SQLite: one thread, the only one that touches the writing connection.
class LaneThread final : public Lane {
 public:
  LaneThread(std::unique_ptr<Connection> connection, LaneOptions options);
  ~LaneThread() override;  ///< runs what is queued, then stops

  bool submit(std::unique_ptr<WriteCall>& call) override;
  Result<void> run_now(std::function<Result<void>(Session&)> work) override;
  std::string read_only_reason() const override;
  bool stuck() const override { return stuck_.load(); }
  size_t queued() const override { return queue_.size(); }

  /// Runs the store's own work on the lane's connection, between groups and outside any
  /// transaction, and waits for it. Code::unavailable when the lane is stuck or stopping.
  Result<void> between_groups(std::function<Result<void>(Connection&)> work);

  /// Runs a read on the lane's connection, on the calling thread, while no group runs (databases in
  /// memory).
  Result<void> read_here(int64_t deadline_ns, const std::function<Result<void>(Session&)>& work);

 private:
  enum class Trouble { none, disk, log_full };

  void run();
  int64_t work_once();
  void run_group();
  void fill_group();
  bool begin_group();
  bool begin_again();
  void commit_group();
  void abandon_group();
  void refuse_queued();
  void on_stuck();

  void enter(Trouble trouble, std::string reason);
  void leave_trouble();
  void try_to_recover();
  Result<void> probe();
  Result<void> adopt(std::unique_ptr<Connection> connection);
  void reopen();

  const LaneOptions options_;
  CallQueue queue_;
  Checkpointer checkpointer_;
  Retention retention_;
  Watchdog watchdog_;
  Group group_;

  /// Held while a group or task runs; free for readers of a database in memory in between.
  std::recursive_mutex connection_mutex_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Transaction> transaction_;

  Trouble trouble_ = Trouble::none;  ///< the lane's thread only
  std::chrono::steady_clock::time_point tried_at_;
  mutable std::mutex reason_mutex_;
  std::string reason_;  // guarded by reason_mutex_
  std::atomic<bool> stuck_{false};
  std::thread thread_;
};

}  // namespace forecourt::storage
