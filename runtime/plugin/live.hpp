#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/handler.hpp"
#include "org/directory.hpp"
#include "plugin/candidate.hpp"
#include "plugin/plugin_data.hpp"
#include "storage/dump.hpp"

namespace forecourt::plugin {

/// How a plugin that is in force does.
struct Standing {
  std::string state = "running";        ///< "running", "stuck", "restarting" or "quarantined"
  std::string reason;                   ///< why it is not just running; after a crash, how it ended
  int64_t process = 0;                  ///< pid of its own process; 0: it has none
  int64_t crashes = 0;                  ///< of its process, since it was applied
  std::string sandbox = "[]";           ///< JSON: the layers that hold its process
  std::vector<std::string> last_lines;  ///< what it logged last, when its process ended by itself
};

/// A generation in force: one face for code that runs in this process and code that runs in its own.
/// Thread-safe.
class Live {
 public:
  virtual ~Live() = default;

  /// What serves its operations.
  virtual std::shared_ptr<http::Handler> handler() const = 0;
  /// Where requests go that still come once it drains.
  virtual void set_successor(std::shared_ptr<http::Handler> successor) = 0;

  /// Delivers events and jobs to it, in place of the generation before it.
  virtual Result<void> deliver() = 0;
  /// Takes no new calls and waits for those that run; then nothing is written any more. False when
  /// some still run after `timeout_ms`.
  virtual bool drain(int64_t timeout_ms) = 0;
  /// After drain; nothing of it runs afterwards, and its store is closed.
  virtual void close() = 0;
  virtual int64_t calls() const = 0;

  virtual Result<void> set_config(const config::ConfigValues& values) = 0;
  /// Its store learns the org tree as it is now.
  virtual Result<void> tree_changed() = 0;

  virtual Standing standing() const = 0;
  /// Ends a quarantine. Code::state when there is none.
  virtual Result<void> clear() { return Error{Code::state, "it is not quarantined"}; }
  /// Null: its store is in this process, and the registry's.
  virtual std::shared_ptr<PluginData> data() const { return nullptr; }
  /// What its store holds, for a copy in this process; also between drain and close. Null: its
  /// store is here.
  virtual std::shared_ptr<storage::RowSource> rows() const { return nullptr; }
};

/// Runs generations in processes of their own.
class Isolation {
 public:
  virtual ~Isolation() = default;

  struct Order {
    const Candidate& candidate;
    std::string library;  ///< path of the file that is loaded
    std::string folder;   ///< the plugin's own: its store, and nothing else
    int64_t generation = 0;
  };
  /// Refuses what can be known to be impossible before anything is stopped for it.
  virtual Result<void> check(const config::Manifest& manifest) const = 0;
  /// Returns when it serves; the error says why it does not.
  virtual Result<std::shared_ptr<Live>> start(const Order& order) = 0;
};

}  // namespace forecourt::plugin
