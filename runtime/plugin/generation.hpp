#pragma once

#include <forecourt/host.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "base/worker_pool.hpp"
#include "plugin/operations.hpp"
#include "plugin/scope.hpp"
#include "plugin/table.hpp"
#include "storage/store.hpp"

namespace forecourt::plugin {

/// What a generation is made of. The store is shared by the generations of a plugin: one file, one
/// lane. It outlives them: a generation may be let go of by its last call, on the store's own
/// thread.
struct GenerationParts {
  PluginScope scope;
  PluginTable table;
  std::vector<Operation> operations;
  storage::Store* store = nullptr;
  WorkerPool* workers = nullptr;
  int64_t timeout_ms = 5'000;  ///< of events and jobs
};

/// One loaded version of a plugin with its instance. open → start → calls → drain → close.
class Generation {
 public:
  struct Handler {
    Operation operation;  ///< of operations only
    fc_handler functions{};
  };

  explicit Generation(GenerationParts parts);
  ~Generation();  ///< close(), unless calls are stuck in the plugin: then the instance is left
                  ///< alone
  Generation(const Generation&) = delete;
  Generation& operator=(const Generation&) = delete;

  /// The handlers must be those that `operations`, `consumes` and `jobs` name, no more and no
  /// fewer: says which.
  static Result<void> check_handlers(const PluginTable& table,
                                     const std::vector<Operation>& operations,
                                     const std::vector<std::string>& consumes,
                                     const std::vector<std::string>& jobs);

  /// Lifecycle; one thread at a time. An error leaves nothing to close.
  Result<void> open();
  Result<void> start();
  /// Takes no new calls, waits for those running, then tells the plugin. False when some are still
  /// running after `timeout_ms`.
  bool drain(int64_t timeout_ms);
  void close();

  /// Counts a call in; false once drain has begun. Every true is followed by one leave.
  bool enter();
  void leave();
  int64_t running() const { return running_.load(); }

  const Handler* operation(std::string_view id) const;
  const Handler* find(uint32_t kind, std::string_view name) const;

  const PluginScope& scope() const { return parts_.scope; }
  storage::Store& store() const { return *parts_.store; }
  WorkerPool& workers() const { return *parts_.workers; }
  void* instance() const { return instance_; }
  int64_t timeout_ms() const { return parts_.timeout_ms; }

 private:
  struct Host : fc_host {
    Generation* generation;
  };
  static const void* query(const fc_host* host, const char* service, uint32_t min_size);
  static void fail(fc_handle subject, const fc_view* message);
  static int32_t cancelled(fc_handle call);
  static int64_t deadline_ms(fc_handle call);

  /// Runs a lifecycle function; the error names it and says what the plugin said.
  template <class Function>
  Result<void> lifecycle(const char* name, Function&& function);

  const GenerationParts parts_;
  std::vector<std::unique_ptr<Handler>> handlers_;
  std::unordered_map<std::string_view, const Handler*> operations_;
  Host host_{};
  void* instance_ = nullptr;
  bool opened_ = false;

  std::atomic<int64_t> running_{0};
  std::atomic<bool> draining_{false};
  std::mutex idle_mutex_;
  std::condition_variable idle_;
};

}  // namespace forecourt::plugin
