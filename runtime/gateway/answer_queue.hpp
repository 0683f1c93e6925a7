#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/exchange.hpp"

namespace forecourt::gateway {

/// Brings answers from any thread to the I/O thread: many of them for one wake-up, which only the
/// first one into an empty queue costs. Outlives the server in the hands of exchanges still
/// running; closed, it drops.
class AnswerQueue final : public AnswerSink, public std::enable_shared_from_this<AnswerQueue> {
 public:
  using Deliver = std::function<void(std::shared_ptr<ServedExchange>)>;
  AnswerQueue(boost::asio::io_context& io, Deliver deliver)
      : io_(&io), deliver_(std::move(deliver)) {}
  ~AnswerQueue() override;

  void answered(std::shared_ptr<ServedExchange> exchange) override;
  /// Nothing is delivered afterwards. On the I/O thread, or when there is none.
  void close();

 private:
  void drain();
  std::vector<std::shared_ptr<ServedExchange>> take();

  std::atomic<ServedExchange*> head_{nullptr};  // a stack: the last one in first
  std::mutex mutex_;
  boost::asio::io_context* io_;  // guarded by mutex_; null once closed
  const Deliver deliver_;
};

}  // namespace forecourt::gateway
