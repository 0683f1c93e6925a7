#pragma once

#include <functional>
#include <memory>
#include <string>

#include "events/attempt.hpp"
#include "events/parking.hpp"
#include "events/subscriber.hpp"

namespace forecourt::events {

/// Runs an event that was set aside. Its row goes in the transaction of its effect, and the next of
/// its subject comes forward in the same.
class RetryCall final : public Attempt {
 public:
  /// On the lane's thread or its watchdog's; returns whether `owner` should look again. Never
  /// blocks.
  using Done = std::function<bool(Outcome, const Error&)>;

  RetryCall(std::shared_ptr<Activity> owner, std::shared_ptr<const Subscriber> subscriber,
            ParkedRow row, Preparation preparation, Done done);

  std::string marker() const override { return marker_; }

 private:
  Result<Claim> claim(storage::Session& session) override;
  Result<void> handle(storage::Session& session, Prepared* prepared) override;
  Result<void> settle(storage::Session& session) override;
  Result<void> record_failure(storage::Session& session, const Error& error) override;
  bool concluded(Outcome outcome, const Error& error) override;
  void release() override { subscriber_.reset(); }

  std::shared_ptr<const Subscriber> subscriber_;
  const ParkedRow row_;
  const std::string marker_;
  const int64_t now_ms_;  // of the first run; a second run is the same run
  const Done done_;
};

}  // namespace forecourt::events
