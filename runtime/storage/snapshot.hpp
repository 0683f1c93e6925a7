#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "base/result.hpp"
#include "storage/copy.hpp"
#include "storage/store.hpp"

namespace forecourt::storage {

/// What a store holds at a moment that somebody else chooses, to be read for as long as the object
/// lives: writes go on into the log, past whose bound the snapshot is ended (Code::cancelled). A
/// thread of its own has the reader. Calls one at a time.
class Snapshot {
 public:
  /// Fails for a store that is not on disk.
  static Result<std::unique_ptr<Snapshot>> of(std::shared_ptr<Store> store);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  /// Returns when the lane stands still between two groups, which it does for a few seconds at most.
  Result<void> stand_still();
  /// Takes the moment; the lane goes on.
  Result<void> go_on();
  Result<void> read(const std::function<Result<void>(Session&)>& work);

 private:
  enum class Phase { waiting, standing, going, taken, ended };

  Snapshot(std::shared_ptr<Store> store, Copyable& copyable)
      : store_(std::move(store)), copyable_(copyable) {}
  void run();
  Result<void> meet();
  Result<void> serve(Connection& reader);
  Result<void> wait_for(std::unique_lock<std::mutex>& lock, Phase phase);

  const std::shared_ptr<Store> store_;
  Copyable& copyable_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  Phase phase_ = Phase::waiting;
  bool ending_ = false;
  const std::function<Result<void>(Session&)>* work_ = nullptr;
  Result<void> result_;  ///< of the work, or why it has ended
  std::thread thread_;
};

}  // namespace forecourt::storage
