#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "org/audit.hpp"
#include "org/host_directory.hpp"

namespace forecourt::isolation {

/// The host's own record of the calls of audited operations that it gives to processes of plugins:
/// on disk before the call is made, and again before its answer leaves. What comes while one
/// transaction is written shares the next. Thread-safe.
class CallAudit {
 public:
  using Write = std::function<Result<void>(const org::HostDirectory::Work&)>;
  /// On the writing thread, so it must not block. `number` names the call.
  using Done = std::function<void(int64_t number, const Result<void>& written)>;

  explicit CallAudit(Write write);
  ~CallAudit();  ///< Writes what is queued.
  CallAudit(const CallAudit&) = delete;
  CallAudit& operator=(const CallAudit&) = delete;

  /// Before the first call: chains those whose end the host before this one did not see.
  Result<void> recover();

  /// `unknown`: the entry if the outcome is never known. The call may be made once `done` was told
  /// that it is written, and not when it was told an error.
  void begin(org::AuditEntry unknown, Done done);
  /// The call was not made after all.
  void withdraw(int64_t number);
  /// The call has ended. When `done` is told an error, the entry with the unknown outcome stands.
  void end(int64_t number, org::AuditEntry entry, Done done);

 private:
  enum class Step { begin, withdraw, end };
  struct Item {
    Step step;
    int64_t number;
    org::AuditEntry entry;
    Done done;
  };
  void put(Item item);
  void run();
  static Result<void> write_item(storage::Session& session, const Item& item);

  const Write write_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> queue_;  // guarded by mutex_
  int64_t number_ = 0;       // guarded by mutex_
  bool stopping_ = false;    // guarded by mutex_
  std::thread thread_;
};

}  // namespace forecourt::isolation
