#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "events/activity.hpp"
#include "events/attempt.hpp"
#include "events/parking.hpp"
#include "events/subscriber.hpp"

namespace forecourt::events {

/// Runs the events a subscriber has set aside when they are due, and at once when an admin says so.
class Retrier final : public Activity {
 public:
  Retrier(Driver& driver, std::shared_ptr<const Subscriber> subscriber);

  Result<std::vector<ParkedRow>> rows();
  /// For an admin, on his thread: waits for the outcome. The event's own failure is the error.
  Result<void> replay(const std::string& publisher, int64_t number);
  Result<void> drop(const std::string& publisher, int64_t number);

 private:
  void step() override;
  void let_go() override { subscriber_.reset(); }
  Result<std::vector<ParkedRow>> due();
  Result<ParkedRow> find(const std::string& publisher, int64_t number);
  bool concluded(int64_t sequence, Attempt::Outcome outcome, const Error& error);
  bool run(ParkedRow row);
  void trouble();

  std::shared_ptr<const Subscriber> subscriber_;  // until closed
  std::atomic<int> refusals_{0};                  // in a row
  bool waiting_ = false;                          // of the step: rows wait for their time
  std::mutex mutex_;
  std::map<int64_t, Error> destroyed_;  // guarded by mutex_: by sequence
};

}  // namespace forecourt::events
