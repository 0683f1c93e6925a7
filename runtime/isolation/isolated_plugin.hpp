#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "isolation/channel.hpp"
#include "isolation/isolator.hpp"
#include "isolation/log_pipe.hpp"
#include "isolation/messages.hpp"
#include "isolation/wire_source.hpp"
#include "plugin/denials.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/child.hpp"

namespace forecourt::isolation {

/// A plugin in a process of its own, to the rest of the host a generation like any other. A thread
/// (the keeper) starts the process, listens to it, and starts it again when it ends by itself; what
/// the process says is checked before it is believed, and what breaks a rule ends it. Thread-safe.
class IsolatedPlugin final : public plugin::Live,
                             public plugin::PluginData,
                             public events::RemoteSubscriber,
                             public jobs::RemoteJobs,
                             public http::Handler,
                             public std::enable_shared_from_this<IsolatedPlugin> {
 public:
  IsolatedPlugin(const Isolator::Parts& parts, const plugin::Isolation::Order& order);
  ~IsolatedPlugin() override;  ///< close().

  /// Starts the process; returns when it serves, or why it does not.
  Result<void> start();

  // As a generation.
  std::shared_ptr<http::Handler> handler() const override;
  void set_successor(std::shared_ptr<http::Handler> successor) override;
  Result<void> deliver() override;
  bool drain(int64_t timeout_ms) override;
  void close() override;
  int64_t calls() const override;
  Result<void> set_config(const config::ConfigValues& values) override;
  Result<void> tree_changed() override;
  plugin::Standing standing() const override;
  Result<void> clear() override;
  std::shared_ptr<plugin::PluginData> data() const override;
  std::shared_ptr<storage::RowSource> rows() const override;

  void handle(std::shared_ptr<http::Exchange> exchange) override;

  // Its data.
  Result<Audit> audit(int64_t limit) override;
  Result<void> audit_chained(int64_t number) override;
  Lane lane() const override;

  // Its events and jobs.
  void publisher_attached(const std::string& publisher) override;
  void publisher_detached(const std::string& publisher) override;
  void published(const std::string& publisher) override;
  Result<std::vector<events::Parked>> parked() override;
  Result<void> replay(const std::string& publisher, int64_t number) override;
  Result<void> drop(const std::string& publisher, int64_t number) override;
  Result<void> resume(const std::string& publisher) override;
  std::vector<std::string> alarms() const override;
  bool drain_events(int64_t timeout_ms) override;
  Result<std::vector<jobs::Job>> parked_jobs() override;
  Result<void> replay_job(const std::string& kind, const std::string& key) override;
  Result<void> drop_job(const std::string& kind, const std::string& key) override;
  bool drain_jobs(int64_t timeout_ms) override;

 private:
  enum class Phase {
    starting,  ///< requests wait
    running,
    resting,      ///< before the next start: requests are refused
    quarantined,  ///< until somebody clears it
    draining,     ///< requests go to the successor
    ended,
  };
  struct Open {
    std::shared_ptr<http::Exchange> exchange;
    bool writes = false;
    bool cancelled = false;
    int64_t audit = 0;  ///< its number there; 0: the operation is not audited
  };
  using Time = std::chrono::steady_clock::time_point;

  // The keeper: isolated_process.cpp.
  void keep();
  Error run_process();
  Result<std::unique_ptr<sandbox::Child>> spawn(LogPipe& log, const sandbox::Cgroup* cgroup,
                                                int& connection);
  Start start_message(const sandbox::Child& child, const sandbox::Cgroup* cgroup,
                      uint32_t user) const;
  void started(Result<std::string> answer);
  void ended(const std::string& how, std::vector<std::string> last_lines);
  bool rest(std::unique_lock<std::mutex>& lock);
  void tick();

  // What the process says: isolated_frames.cpp.
  Result<void> take(const Frame& frame);
  Result<void> take_reply(const Frame& frame);
  Result<void> take_tell(const Frame& frame);
  Result<void> take_ask(const Frame& frame);
  Result<std::string> serve(Verb verb, std::string_view body);
  Result<std::string> serve_source(Verb verb, std::string_view body);
  Result<std::string> serve_blob(std::string_view body);
  void end_process(const std::string& why);

  // Audited operations and what the plugin recorded: isolated_audit.cpp.
  void send_audited(std::shared_ptr<http::Exchange> exchange);
  void conclude(Open open, http::Response response, std::optional<int> status);
  void check_claims(org::AuditEntry& entry) const;

  // Calls: isolated_plugin.cpp.
  void send(std::shared_ptr<http::Exchange> exchange, std::shared_ptr<Channel> channel);
  bool give(const std::shared_ptr<http::Exchange>& exchange, const std::shared_ptr<Channel>& to,
            int64_t audit);
  void handle_again(std::shared_ptr<http::Exchange> exchange);
  void fail_calls();
  void release_waiting(std::unique_lock<std::mutex>& lock);
  std::shared_ptr<Channel> channel() const;
  Result<std::string> ask(Verb verb, const std::string& body) const;
  Result<std::string> ask(Verb verb, const std::string& body,
                          std::chrono::milliseconds patience) const;
  void attach_publishers();
  void end_unless_done(const Result<std::string>& told);

  const Isolator::Parts parts_;
  const std::string id_;
  const std::string library_;
  const std::string folder_;
  const int64_t generation_;
  const plugin::Bundle texts_;  ///< without the library
  const config::Limits limits_;
  const std::vector<std::string> sandbox_minimum_;
  const std::vector<std::string> consumes_;
  const std::vector<std::string> publishes_;
  std::set<std::string> publishers_;              // of consumes_
  std::unordered_map<std::string, bool> writes_;  // by operation
  std::set<std::string, std::less<>> audited_;    // operations
  const std::shared_ptr<plugin::Denials> denials_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Guarded by mutex_.
  Phase phase_ = Phase::starting;
  bool ending_ = false;
  bool first_ = true;  ///< it has not served yet
  bool delivering_ = false;
  config::Manifest manifest_;
  std::shared_ptr<Channel> channel_;     ///< while the process serves
  std::shared_ptr<Channel> connection_;  ///< while there is a process
  uint64_t number_ = 0;
  std::unordered_map<uint64_t, Open> calls_;
  std::deque<std::shared_ptr<http::Exchange>> waiting_;
  std::shared_ptr<http::Handler> successor_;
  std::string ended_why_;  ///< why the host ended the process
  Error start_error_;
  plugin::Standing standing_;
  std::deque<Time> crashes_;
  State state_;

  std::atomic<int> asks_{0};  ///< of the child, under way
  std::thread keeper_;
};

}  // namespace forecourt::isolation
