#pragma once

#include <forecourt/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/outbox.hpp"
#include "http/handler.hpp"
#include "jobs/scheduler.hpp"
#include "plugin/arena.hpp"
#include "plugin/random_stream.hpp"
#include "plugin/scope.hpp"
#include "storage/session.hpp"

namespace forecourt::plugin {

/// What a call was made from; exactly one pointer is set. Outlives the call.
struct Origin {
  const http::Exchange* exchange = nullptr;
  const events::Event* event = nullptr;
  const jobs::Job* job = nullptr;
};

enum class Phase : uint32_t { idle, prepare, handle };

/// One execution of an operation, event or job, over its prepare and all runs of its handle.
/// Plugins hold its handle. Used by one thread at a time; only `cancelled` and `deadline_ms` may be
/// asked by others.
class Call {
 public:
  /// `name` (of the handler) and what `origin` points to outlive the call.
  Call(const PluginScope& scope, std::string_view name, Origin origin, int64_t admitted_ms,
       int64_t deadline_monotonic_ns);
  ~Call();
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Constant.
  const PluginScope& scope;
  const std::string_view name;
  Origin origin;  ///< the same thing throughout, though an event or job may be read again for its
                  ///< handle
  const int64_t admitted_ms;
  const int64_t deadline_monotonic_ns;
  /// Ends the handle: the call lives on only in what the host still does with it.
  void end();

  fc_handle handle;  ///< 0 when the table of handles is full: the call cannot run

  bool cancelled() const;
  int64_t deadline_ms() const;
  std::string_view caller() const;
  std::string_view home_org() const;  ///< the org it came with; empty in a public operation
  bool is_public() const;
  std::string_view trace_id() const;
  bool is_sampled() const;  ///< whether the trace is recorded by who began it

  // One run; reset by begin.
  Phase phase = Phase::idle;
  storage::Session* session = nullptr;  ///< null when the operation has no database
  std::string org;                      ///< acted for; empty in a public operation before adopt
  bool adopted = false;
  bool has_reply = false;
  http::Response reply;
  std::string fail_text;   ///< what the plugin said: may reach the client
  std::string diagnostic;  ///< what a service said: for the log only
  uint32_t ids_made = 0;
  RandomStream random;
  Arena arena;
  struct OpenRows {
    fc_handle handle;
    storage::Rows rows;
  };
  std::vector<OpenRows> rows;

  // Over all runs.
  bool published = false;
  bool planned = false;

  /// The tree and the settings as this call sees them: taken when first asked for, then the same to
  /// its end.
  const org::Snapshot& tree();
  const config::ConfigValues& values();

  /// Binds the call to an org for this run.
  void set_org(std::string_view org);
  /// Tells dispatcher and scheduler what a commit made due.
  void notify_committed() const;

  /// The call this thread runs now, or null.
  static Call* current();

 private:
  friend class CallRun;
  std::shared_ptr<const org::Snapshot> tree_;
  std::shared_ptr<const config::ConfigValues> values_;
};

/// The time between a plugin's function being entered and having returned: makes the call the
/// thread's current one, with fresh state and its random stream rewound; ends queries, wipes
/// secrets and unbinds the session afterwards.
class CallRun {
 public:
  CallRun(Call& call, Phase phase, storage::Session* session);
  ~CallRun();
  CallRun(const CallRun&) = delete;
  CallRun& operator=(const CallRun&) = delete;

 private:
  Call& call_;
  Call* const outer_;
  CrashScope crash_scope_;
};

}  // namespace forecourt::plugin
