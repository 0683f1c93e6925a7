#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "events/dispatcher.hpp"
#include "gateway/host_endpoints.hpp"
#include "plugin/registry.hpp"
#include "storage/store.hpp"
#include "webhooks/webhooks.hpp"

namespace forecourt::app {

/// Why the host is not ready, and its own metrics: looked up by `refresh`, about once a second, and
/// handed out without waiting. A plugin that failed does not make the host unready: its routes say
/// so themselves.
class Health {
 public:
  Health(storage::Store& host_store, const plugin::Registry& registry,
         const events::Dispatcher& dispatcher, const webhooks::Webhooks& webhooks);

  /// Only while no plugin is removed: it reads the registry's stores.
  void refresh();
  std::vector<gateway::Unready> unready() const;
  /// Prometheus text.
  std::string metrics() const;

 private:
  storage::Store& host_store_;
  const plugin::Registry& registry_;
  const events::Dispatcher& dispatcher_;
  const webhooks::Webhooks& webhooks_;
  mutable std::mutex mutex_;
  std::vector<gateway::Unready> unready_;  // guarded by mutex_
  std::string metrics_;                    // guarded by mutex_
};

}  // namespace forecourt::app
