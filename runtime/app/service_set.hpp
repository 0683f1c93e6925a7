#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "http/handler.hpp"

namespace forecourt::app {

/// What the gateway serves altogether: the plugins the registry publishes, and what the host adds.
/// Thread-safe.
class ServiceSet final : public http::Services {
 public:
  explicit ServiceSet(http::Services& gateway) : gateway_(gateway) {}

  /// Further services, asked for at each publish; one whose prefix a plugin serves is left out.
  void add(std::function<std::vector<http::Service>()> more);
  Result<void> publish(std::vector<http::Service> plugins) override;
  /// Publishes again: what was added has changed.
  Result<void> refresh();

 private:
  Result<void> publish_all();

  http::Services& gateway_;
  std::mutex mutex_;
  std::vector<http::Service> plugins_;                             // guarded by mutex_
  std::vector<std::function<std::vector<http::Service>()>> more_;  // guarded by mutex_
};

}  // namespace forecourt::app
