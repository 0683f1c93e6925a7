#pragma once

#include <memory>
#include <mutex>

#include "events/consumer.hpp"
#include "http/handler.hpp"
#include "jobs/scheduler.hpp"
#include "plugin/generation.hpp"

namespace forecourt::plugin {

/// A call's hold on its generation: while it stands, the generation is not closed.
class Flight {
 public:
  Flight() = default;
  /// Empty when the generation takes no more calls.
  explicit Flight(std::shared_ptr<Generation> generation) {
    if (generation->enter()) generation_ = std::move(generation);
  }
  Flight(Flight&&) noexcept = default;
  Flight& operator=(Flight&&) = delete;
  ~Flight() {
    if (generation_) generation_->leave();
  }
  explicit operator bool() const { return generation_ != nullptr; }
  Generation& generation() const { return *generation_; }

 private:
  std::shared_ptr<Generation> generation_;
};

/// Serves a generation's operations: each by its declared access. `none` runs on a worker, or on
/// the I/O thread when it is inline; `read` on a worker with a snapshot; `write` in the lane, its
/// `prepare` before that on a worker.
class Bridge final : public http::Handler {
 public:
  explicit Bridge(std::shared_ptr<Generation> generation) : generation_(std::move(generation)) {}

  void handle(std::shared_ptr<http::Exchange> exchange) override;

  /// Where requests go that still come for this generation after it was drained; null: they are
  /// answered 503.
  void set_successor(std::shared_ptr<http::Handler> successor);

 private:
  void forward(std::shared_ptr<http::Exchange> exchange);

  const std::shared_ptr<Generation> generation_;
  std::mutex mutex_;
  std::shared_ptr<http::Handler> successor_;  // guarded by mutex_
};

/// Serves the events a generation consumes: as write calls in the org the event carries.
std::shared_ptr<events::Consumer> make_consumer(std::shared_ptr<Generation> generation);
/// Runs a generation's jobs.
std::shared_ptr<jobs::Runner> make_runner(std::shared_ptr<Generation> generation);

}  // namespace forecourt::plugin
