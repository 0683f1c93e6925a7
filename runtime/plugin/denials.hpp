#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/worker_pool.hpp"

namespace forecourt::plugin {

/// Notes what a plugin was refused for want of a right, each text once, so that one that asks again
/// and again does not fill the log. Thread-safe.
class Denials : public std::enable_shared_from_this<Denials> {
 public:
  /// Called on a worker; may block.
  using Note = std::function<void(const std::string& plugin, const std::string& what)>;

  /// `workers` outlive it; `note` may be null.
  Denials(std::string plugin, WorkerPool& workers, Note note)
      : plugin_(std::move(plugin)), workers_(workers), note_(std::move(note)) {}

  /// Never blocks: it may be called inside a transaction.
  void add(std::string_view what);

 private:
  const std::string plugin_;
  WorkerPool& workers_;
  const Note note_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> noted_;  // guarded by mutex_
};

}  // namespace forecourt::plugin
