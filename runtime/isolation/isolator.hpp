#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/worker_pool.hpp"
#include "events/dispatcher.hpp"
#include "isolation/call_audit.hpp"
#include "isolation/known_callers.hpp"
#include "isolation/plugin_users.hpp"
#include "jobs/scheduler.hpp"
#include "org/directory.hpp"
#include "plugin/live.hpp"
#include "secrets/keyring.hpp"

namespace forecourt::isolation {

/// Runs plugins in processes of their own: `<program> plugin-host <id>`, children of this one, each
/// watched by a thread that starts it again when it ends. To be made before the registry and
/// destroyed after it.
class Isolator final : public plugin::Isolation {
 public:
  struct Parts {
    std::string program = "/proc/self/exe";
    const Clock* clock = nullptr;
    WorkerPool* workers = nullptr;  ///< serve what children ask
    const org::Directory* directory = nullptr;
    events::Dispatcher* dispatcher = nullptr;
    jobs::Scheduler* scheduler = nullptr;
    const secrets::Keyring* secrets_keys = nullptr;
    bool sandboxed = true;
    /// Null: they keep the host's, as when it is not root.
    PluginUsers* users = nullptr;
    /// Of a SharedClock, for processes that are to live in its time; -1: they take the system's.
    int shared_clock = -1;
    /// A plugin reached for what it is not granted. May block; never on a reading thread.
    std::function<void(const std::string& plugin, const std::string& what)> denied;
    /// Records audited operations; null: nobody does.
    CallAudit* call_audit = nullptr;
    std::shared_ptr<KnownCallers> callers = std::make_shared<KnownCallers>();
  };

  explicit Isolator(Parts parts) : parts_(std::move(parts)) {}
  Result<void> check(const config::Manifest& manifest) const override;
  Result<std::shared_ptr<plugin::Live>> start(const Order& order) override;

 private:
  const Parts parts_;
};

}  // namespace forecourt::isolation
