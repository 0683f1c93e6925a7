#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/worker_pool.hpp"
#include "events/consumer.hpp"
#include "events/outbox.hpp"
#include "events/remote_subscriber.hpp"
#include "events/retention.hpp"
#include "events/retry_policy.hpp"
#include "events/source.hpp"
#include "storage/store.hpp"

namespace forecourt::events {

struct Subscription {
  std::string subscriber;  ///< plugin id
  storage::Store* store;   ///< the subscriber's
  std::shared_ptr<Consumer> consumer;
  std::vector<std::string>
      types;                ///< event types, grouped by publisher (text before the first '.')
  bool from_start = false;  ///< the manifest grants history; else a new cursor starts at the head
};

/// An event set aside in the subscriber's store. Later events of the same publisher and subject
/// wait behind it, all others pass.
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
  Dispatcher(const Clock& clock, WorkerPool& workers, RetryPolicy policy = {},
             Retention retention = {});
  ~Dispatcher();  ///< stop().

  /// A publisher's store, by plugin id, before the plugin takes traffic: a new subscriber's start
  /// at the head is fixed here, or in `subscribe`, whichever comes last. Stores are detached before
  /// they close.
  void attach_publisher(const std::string& id, storage::Store* store);
  /// The same for an outbox in another process, where it is pruned too.
  void attach_publisher(const std::string& id, std::shared_ptr<Source> source);
  /// Starts delivery, in place of the generation that was subscribed before. Publishers that are
  /// not attached are waited for. Code::invalid for a type without a publisher.
  Result<void> subscribe(Subscription subscription);
  /// Has a subscriber elsewhere told of publishers of these types, in place of what was subscribed
  /// by that id before.
  Result<void> subscribe(const std::string& id, const std::vector<std::string>& types,
                         std::shared_ptr<RemoteSubscriber> remote);
  /// What a publisher has published; null when it is not attached.
  std::shared_ptr<Source> source(const std::string& publisher) const;
  /// How far a subscriber elsewhere has surely read.
  void note_reader(const std::string& publisher, const Reader& reader);
  /// Told a publisher's id with each `notify`. Set before anything is attached; must not block.
  void on_notify(std::function<void(const std::string& publisher)> told);
  /// Told the plugin's id after a handler's effect is on disk there: it may have planned jobs. Set
  /// before anything is attached; runs on lane threads and must not block.
  void on_commit(std::function<void(const std::string& plugin)> told);
  /// Ends delivery to and from a plugin, for good or until it is attached again; returns when
  /// nothing of it is in flight.
  void detach(const std::string& id);

  void notify(const std::string& publisher);  ///< something was committed. Never blocks.
  void poll();  ///< the clock may have moved: look at due retries (tests call it)
  void stop();

  /// Waits until every outbox is delivered or set aside (tests). False after `timeout_ms`.
  bool drain(int64_t timeout_ms);

  Result<std::vector<Parked>> parked(const std::string& subscriber);
  /// Runs a parked event again at once; its row goes in the handler's transaction. Followers come
  /// after it.
  Result<void> replay(const std::string& subscriber, const std::string& publisher, int64_t number);
  Result<void> drop(const std::string& subscriber, const std::string& publisher, int64_t number);

  /// Lets a cursor that stopped with an alarm go on from where the publisher's history allows. What
  /// was lost stays lost; the alarm says what it is.
  Result<void> resume(const std::string& subscriber, const std::string& publisher);
  /// The publisher keeps nothing any more for a subscriber that is gone for good.
  Result<void> forget(const std::string& publisher, const std::string& subscriber);

  /// Standing trouble for /readyz and the admin: "membership: cursor 1042 is beyond payments' head
  /// 900 ...".
  std::vector<std::string> alarms() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace forecourt::events
