#pragma once

#include <memory>
#include <string>

#include "events/attempt.hpp"
#include "events/lineage.hpp"
#include "events/subscriber.hpp"

namespace forecourt::events {

/// Told what became of a call that moves a cursor.
class CursorOwner : public Activity {
 public:
  using Activity::Activity;
  /// On the lane's thread or its watchdog's; whether to look again. Never blocks.
  virtual bool concluded(int64_t number, Attempt::Outcome outcome, const Error& error) = 0;
};

/// Moves a cursor past events the subscriber does not consume.
class CursorCall final : public Attempt {
 public:
  CursorCall(std::shared_ptr<CursorOwner> owner, std::string publisher, Cursor from, Cursor to);

 private:
  Result<Claim> claim(storage::Session& session) override;
  Result<void> handle(storage::Session&, Prepared*) override { return {}; }
  Result<void> record_failure(storage::Session&, const Error&) override { return {}; }
  bool concluded(Outcome outcome, const Error& error) override;

  const std::shared_ptr<CursorOwner> owner_;
  const std::string publisher_;
  const Cursor from_;
  const Cursor to_;
};

/// The first delivery of one event. Whatever comes of it, the cursor moves on: the event is
/// handled, or set aside in the same transaction.
class EventCall final : public Attempt {
 public:
  EventCall(std::shared_ptr<CursorOwner> owner, std::shared_ptr<const Subscriber> subscriber,
            std::string publisher, Cursor from, Event event, Preparation preparation);

  std::string marker() const override { return marker_; }

 private:
  Result<Claim> claim(storage::Session& session) override;
  Result<void> handle(storage::Session& session, Prepared* prepared) override;
  Result<void> settle(storage::Session& session) override;
  Result<void> record_failure(storage::Session& session, const Error& error) override;
  bool concluded(Outcome outcome, const Error& error) override;
  void release() override { subscriber_.reset(); }

  Result<bool> move(storage::Session& session);
  Result<void> put_aside(storage::Session& session, std::string_view state, int attempts,
                         int64_t due_ms, const std::string& reason);

  const std::shared_ptr<CursorOwner> owner_;
  std::shared_ptr<const Subscriber> subscriber_;
  const std::string publisher_;
  const Cursor from_;
  const Event event_;
  const std::string marker_;
  const int64_t now_ms_;  // of the first run; a second run is the same run
};

}  // namespace forecourt::events
