#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "isolation/channel.hpp"
#include "isolation/messages.hpp"
#include "isolation/open_calls.hpp"
#include "isolation/pack.hpp"
#include "isolation/remote_exchange.hpp"
#include "plugin/in_process.hpp"
#include "sandbox/report.hpp"
#include "storage/dump.hpp"

namespace forecourt::isolation {

/// The org tree as the host last told it.
class Tree final : public org::Directory {
 public:
  std::shared_ptr<const org::Snapshot> snapshot() const override {
    std::lock_guard lock(mutex_);
    return snapshot_;
  }
  void set(std::shared_ptr<const org::Snapshot> snapshot) {
    std::lock_guard lock(mutex_);
    snapshot_ = std::move(snapshot);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const org::Snapshot> snapshot_;  // guarded by mutex_
};

/// A plugin, and the host's wishes about it. Lives as long as its process.
class Guest {
 public:
  /// `connection` is taken over.
  Guest(int connection, std::unique_ptr<Clock> clock);

  /// Returns when the host has ended the connection.
  void run(uint64_t start_number, Start start, Result<sandbox::Report> report);

 private:
  Result<std::string> become(const Start& start, const sandbox::Report& report);
  Result<void> take(const Frame& frame);
  Result<void> take_call(const Frame& frame);
  void take_ask(const Frame& frame);
  Result<std::string> serve(Verb verb, std::string_view body);
  Result<std::string> serve_events(Verb verb, Unpacker& in);
  Result<std::string> serve_jobs(Verb verb, Unpacker& in);
  Result<std::string> serve_data(Verb verb, Unpacker& in);
  Result<std::string> serve_copy(Verb verb, std::string_view body);
  Result<std::string> settle(int64_t timeout_ms);
  Result<std::string> stop(int64_t timeout_ms);
  void tell_state();
  void attach_publisher(const std::string& publisher);

  const std::unique_ptr<Clock> own_clock_;
  const Clock& clock_;
  const std::shared_ptr<Channel> channel_;
  Tree tree_;
  WorkerPool workers_;
  events::Dispatcher dispatcher_{clock_, workers_};
  jobs::Scheduler scheduler_{clock_, workers_};
  std::string id_;
  std::optional<plugin::Candidate> candidate_;
  std::mutex store_mutex_;
  std::shared_ptr<storage::Store> store_;  // guarded by store_mutex_ once it runs
  std::mutex copy_mutex_;
  std::unique_ptr<storage::RowSource> copy_;  // guarded by copy_mutex_
  std::shared_ptr<plugin::InProcess> live_;
  std::shared_ptr<http::Handler> handler_;
  std::atomic<bool> ready_{false};
  OpenCalls open_calls_;
  std::chrono::steady_clock::time_point next_state_;
};

}  // namespace forecourt::isolation
