#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/worker_pool.hpp"
#include "events/outbox.hpp"
#include "storage/store.hpp"

namespace forecourt::events {

/// What `prepare` left, freed by the consumer's `finish` through its destructor.
class Prepared {
 public:
  virtual ~Prepared() = default;
};

/// A subscriber's side, implemented by the plugin bridge. One generation.
class Consumer {
 public:
  virtual ~Consumer() = default;
  /// On a worker, before the lane; may be null. An error is a failed attempt.
  virtual Result<std::unique_ptr<Prepared>> prepare(const Event& event) = 0;
  /// In the subscriber's lane; the cursor moves in the same transaction. An error is a failed attempt.
  virtual Result<void> handle(storage::Session& session, const Event& event, Prepared* prepared) = 0;
};

struct Subscription {
  std::string subscriber;  ///< plugin id
  storage::Store* store;   ///< the subscriber's
  std::shared_ptr<Consumer> consumer;
  std::vector<std::string> types;  ///< event types, grouped by publisher (text before the first '.')
  bool from_start = false;         ///< the manifest grants history; else a new cursor starts at the head
};

struct RetryPolicy {
  int failures_max = 8;       ///< then parked until an admin acts
  int crashes_max = 2;        ///< kills by a caught fatal signal
  int unexplained_max = 5;    ///< kills nobody explained (SIGKILL, OOM)
  int64_t backoff_min_ms = 1'000;
  int64_t backoff_max_ms = 300'000;
};

/// An event set aside in the subscriber's store. Later events of the same publisher and subject wait behind
/// it, all others pass.
struct Parked {
  std::string publisher;
  int64_t number;
  std::string type;
  std::string subject;
  std::string state;  ///< "retrying", "behind" or "parked"
  int attempts;
  int64_t due_ms;
  std::string reason;
};

/// Delivers each publisher's outbox to each subscriber, in commit order, with exactly-once effect.
/// Runs on threads of its own; `publish`ers call `notify` after a commit.
class Dispatcher {
 public:
  Dispatcher(const Clock& clock, WorkerPool& workers, RetryPolicy policy = {});
  ~Dispatcher();  ///< stop().

  /// A publisher's store, by plugin id. Stores and consumers outlive the dispatcher or are detached first.
  void attach_publisher(const std::string& id, storage::Store* store);
  Result<void> subscribe(Subscription subscription);
  /// Ends delivery to and from a plugin; returns when nothing of it is in flight.
  void detach(const std::string& id);

  void notify(const std::string& publisher);  ///< something was committed. Never blocks.
  void poll();                                ///< the clock may have moved: look at due retries (tests call it)
  void stop();

  /// Waits until every outbox is delivered or set aside (tests). False after `timeout_ms`.
  bool drain(int64_t timeout_ms);

  Result<std::vector<Parked>> parked(const std::string& subscriber);
  /// Runs a parked event again at once; its row goes in the handler's transaction. Followers come after it.
  Result<void> replay(const std::string& subscriber, const std::string& publisher, int64_t number);
  Result<void> drop(const std::string& subscriber, const std::string& publisher, int64_t number);

  /// Standing trouble for /readyz and the admin: "membership: cursor 1042 is beyond payments' head 900 ...".
  std::vector<std::string> alarms() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::events
