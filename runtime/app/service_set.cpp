#include "app/service_set.hpp"

#include <algorithm>

namespace forecourt::app {

void ServiceSet::add(std::function<std::vector<http::Service>()> more) {
  std::lock_guard lock(mutex_);
  more_.push_back(std::move(more));
}

Result<void> ServiceSet::publish(std::vector<http::Service> plugins) {
  std::lock_guard lock(mutex_);
  std::swap(plugins_, plugins);
  auto published = publish_all();
  if (!published) std::swap(plugins_, plugins);
  return published;
}

Result<void> ServiceSet::refresh() {
  std::lock_guard lock(mutex_);
  return publish_all();
}

Result<void> ServiceSet::publish_all() {
  std::vector<http::Service> all = plugins_;
  for (const auto& more : more_) {
    for (http::Service& service : more()) {
      const bool taken = std::any_of(all.begin(), all.end(), [&](const http::Service& other) {
        return other.prefix == service.prefix;
      });
      if (!taken) all.push_back(std::move(service));
    }
  }
  return gateway_.publish(std::move(all));
}

}  // namespace forecourt::app
