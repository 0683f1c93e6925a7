#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>

#include "base/round.hpp"
#include "gateway/exchange.hpp"
#include "gateway/in_room.hpp"

namespace forecourt::gateway {

/// Brings answers from any thread to the I/O thread: many of them for one wake-up, which only the
/// first one after the last costs, at the end of its thread's round. Nothing here allocates: an
/// answer gets through when memory has run out. Outlives the server in the hands of exchanges still
/// running; closed, it drops.
class AnswerQueue final : public AnswerSink, public RoundEnd {
 public:
  using Deliver = std::function<void(std::shared_ptr<ServedExchange>)>;
  AnswerQueue(boost::asio::io_context& io, Deliver deliver)
      : deliver_(std::move(deliver)), io_(&io) {}
  ~AnswerQueue() override;

  void answered(std::shared_ptr<ServedExchange> exchange) override;
  /// Nothing is delivered afterwards. On the I/O thread, or when there is none.
  void close();
  void round_ended() noexcept override { wake(); }

 private:
  class WakeUp;

  void wake();
  void drain();
  void deliver_taken();
  ServedExchange* take();

  std::atomic<ServedExchange*> head_{nullptr};  // a stack: the last one in first
  ServedExchange* taken_ = nullptr;             // the first one in first; the I/O thread's
  const Deliver deliver_;

  std::atomic<bool> woken_{false};  // a wake-up is under way, in the room there is for one

  std::mutex mutex_;
  boost::asio::io_context* io_;  // guarded by mutex_; null once closed
  Room room_;
};

}  // namespace forecourt::gateway
