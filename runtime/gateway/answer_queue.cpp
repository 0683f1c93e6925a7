#include "gateway/answer_queue.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

namespace forecourt::gateway {

AnswerQueue::~AnswerQueue() { take(); }

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
  std::unique_lock lock(mutex_);
  if (!io_) {
    lock.unlock();
    take();
    return;
  }
  boost::asio::post(*io_, [self = shared_from_this()] { self->drain(); });
}

/// All there are, the first one in first.
std::vector<std::shared_ptr<ServedExchange>> AnswerQueue::take() {
  std::vector<std::shared_ptr<ServedExchange>> batch;
  for (ServedExchange* at = head_.exchange(nullptr, std::memory_order_acquire); at;) {
    batch.push_back(std::move(at->self));
    at = batch.back()->next;
  }
  std::reverse(batch.begin(), batch.end());
  return batch;
}

void AnswerQueue::drain() {
  for (std::shared_ptr<ServedExchange>& exchange : take()) deliver_(std::move(exchange));
}

void AnswerQueue::close() {
  {
    std::lock_guard lock(mutex_);
    io_ = nullptr;
  }
  // Exchanges hold the queue: what stays in it would stay for ever.
  take();
}

}  // namespace forecourt::gateway
