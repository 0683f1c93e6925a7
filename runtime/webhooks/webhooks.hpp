#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "events/dispatcher.hpp"
#include "org/host_directory.hpp"
#include "storage/store.hpp"
#include "webhooks/delivery.hpp"
#include "webhooks/sender.hpp"
#include "webhooks/webhook.hpp"

namespace forecourt::webhooks {

/// Events to the outside. The host is one more subscriber of the plugins' outboxes: its handler
/// queues, in the transaction that moves the cursor, one delivery a webhook that may see the event;
/// the sender takes them from there. Deliveries have a store of their own, so that a campaign does
/// not load the host's. Which webhooks there are stands in the host store. Thread-safe.
class Webhooks {
 public:
  struct Parts {
    std::string folder;  ///< of the store; empty: in memory (tests)
    const Clock* clock = nullptr;
    org::HostDirectory* directory = nullptr;
    events::Dispatcher* dispatcher = nullptr;
    Sealer sealer;
    TransferTerms terms;
  };
  /// All of `parts` outlives it; the dispatcher must have stopped before it goes.
  static Result<std::unique_ptr<Webhooks>> open(Parts parts);
  ~Webhooks();  ///< stop().

  /// Subscribes and begins to send. After the publishers are attached.
  Result<void> start();
  void stop();

  /// The rows of webhooks have changed: makes them true. What fails is tried again by `housekeep`.
  void changed();
  /// About once a second, on a thread that may block: prunes, stops webhooks whose backlog has no
  /// bound.
  void housekeep();
  /// Deliveries were opened again.
  void wake();

  Result<std::vector<Webhook>> list() const;
  Result<Webhook> find(std::string_view id) const;
  storage::Store& store() const { return *store_; }
  const Sealer& sealer() const { return parts_.sealer; }
  Reach reach() const { return parts_.terms.reach; }

  /// Dispatcher's name for it; no plugin can have it.
  static constexpr const char* k_subscriber = "host/webhooks";
  /// Open deliveries of one webhook, about; with more it is disabled.
  static constexpr int64_t k_open_max = 100'000;
  /// Settled deliveries kept of one webhook, delivered and dead each.
  static constexpr int64_t k_keep = 10'000;

 private:
  class Consumer;
  struct Entry;
  using Catalog = std::vector<Entry>;

  explicit Webhooks(Parts parts) : parts_(std::move(parts)) {}
  Result<void> load();
  Result<void> subscribe();
  Result<void> forget_unread(const std::vector<std::string>& types);
  std::shared_ptr<const Catalog> catalog() const;
  std::vector<Endpoint> endpoints() const;
  void disable(const std::string& webhook, const std::string& reason);

  const Parts parts_;
  std::unique_ptr<storage::Store> store_;
  std::mutex changing_;                      // one change at a time
  std::vector<std::string> subscribed_;      // guarded by changing_: types
  bool started_ = false;                     // guarded by changing_
  bool dirty_ = false;                       // guarded by changing_
  int64_t pruned_ns_ = 0;                    // guarded by changing_
  std::map<std::string, int64_t> overfull_;  // housekeep's: open deliveries when last looked at
  mutable std::mutex mutex_;
  std::shared_ptr<const Catalog> catalog_;  // guarded by mutex_
  std::unique_ptr<Sender> sender_;
};

}  // namespace forecourt::webhooks
