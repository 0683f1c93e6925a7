#pragma once

#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "events/outbox.hpp"
#include "storage/session.hpp"

namespace forecourt::events {

/// What `prepare` left, freed by the consumer's `finish` through its destructor.
class Prepared {
 public:
  virtual ~Prepared() = default;
};

/// A subscriber's side, implemented by the plugin bridge. One generation.
class Consumer {
 public:
  virtual ~Consumer() = default;
  /// On a worker, before the lane; may be null. An error is a failed attempt.
  virtual Result<std::unique_ptr<Prepared>> prepare(const Event& event) = 0;
  /// In the subscriber's lane; the cursor moves in the same transaction. An error is a failed
  /// attempt.
  virtual Result<void> handle(storage::Session& session, const Event& event,
                              Prepared* prepared) = 0;
  /// What queueing and `handle` may take together; a handler past it is stopped at its next
  /// statement, and one that does not return is a failed attempt.
  virtual int64_t timeout_ms() const { return k_timeout_ms; }

  static constexpr int64_t k_timeout_ms = 30'000;
};

}  // namespace forecourt::events
