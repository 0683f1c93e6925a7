#include "gateway/answer_queue.hpp"

#include <boost/asio/post.hpp>
#include <vector>

namespace forecourt::gateway {

AnswerQueue::~AnswerQueue() {
  for (ServedExchange* at = head_.load(); at;) {
    const std::shared_ptr<ServedExchange> dropped = std::move(at->self);
    at = dropped->next;
  }
}

void AnswerQueue::answered(std::shared_ptr<ServedExchange> exchange) {
  ServedExchange* const raw = exchange.get();
  raw->self = std::move(exchange);
  ServedExchange* before = head_.load(std::memory_order_relaxed);
  do {
    raw->next = before;
  } while (!head_.compare_exchange_weak(before, raw, std::memory_order_release,
                                        std::memory_order_relaxed));
  // From here on the I/O thread may already have taken the exchange.
  if (before) return;  // whoever made the queue non-empty has woken the I/O thread
  std::lock_guard lock(mutex_);
  if (!io_) return;
  boost::asio::post(*io_, [self = shared_from_this()] { self->drain(); });
}

void AnswerQueue::drain() {
  std::vector<std::shared_ptr<ServedExchange>> batch;
  for (ServedExchange* at = head_.exchange(nullptr, std::memory_order_acquire); at;) {
    batch.push_back(std::move(at->self));
    at = batch.back()->next;
  }
  for (size_t i = batch.size(); i-- > 0;) deliver_(std::move(batch[i]));
}

void AnswerQueue::close() {
  std::lock_guard lock(mutex_);
  io_ = nullptr;
}

}  // namespace forecourt::gateway
