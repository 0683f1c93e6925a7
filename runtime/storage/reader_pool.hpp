#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/connection.hpp"

namespace forecourt::storage {

/// The read-only connections of one store. Each read sees one snapshot from its first statement on.
/// Thread-safe.
class ReaderPool {
 public:
  using Work = std::function<Result<void>(Session&)>;

  ReaderPool(ConnectionOptions options, size_t readers_max);

  /// Waits for a free reader, until the deadline (0: for as long as it takes).
  Result<void> read(int64_t deadline_ns, const Work& work);

  /// `read` for the host's own work on the connection, in its transaction; statements have no
  /// deadline, only the wait for a free reader has.
  Result<void> use(int64_t deadline_ns, const std::function<Result<void>(Connection&)>& work);

  /// The schema changed: statements are compiled again from the next read on.
  void set_catalog(std::shared_ptr<const Catalog> catalog);

  /// While held, new reads wait: the log can start over only when no snapshot needs it.
  void hold(bool held);
  /// Ends the statements of running reads (Code::cancelled).
  void interrupt();
  size_t active() const;
  /// Closes the connections. Nothing reads any more.
  void close();

 private:
  Result<Connection*> acquire(int64_t deadline_ns);
  void release(Connection* connection);
  static Result<void> run(Connection& connection,
                          const std::function<Result<void>(Connection&)>& work);

  const ConnectionOptions options_;
  const size_t readers_max_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  // Guarded by mutex_.
  std::vector<std::unique_ptr<Connection>> readers_;
  std::vector<Connection*> free_;
  std::shared_ptr<const Catalog> catalog_;
  size_t opening_ = 0;
  bool held_ = false;
};

}  // namespace forecourt::storage
