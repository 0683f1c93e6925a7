#include "gateway/answer_queue.hpp"

#include <boost/asio/post.hpp>

#include "gateway/in_room.hpp"
#include "gateway/on_exception.hpp"

namespace forecourt::gateway {
namespace {

void drop(ServedExchange* first) {
  while (first) {
    const std::shared_ptr<ServedExchange> exchange = std::move(first->self);
    first = exchange->next;
  }
}

}  // namespace

class AnswerQueue::WakeUp {
 public:
  using allocator_type = InRoom<std::byte>;

  explicit WakeUp(std::shared_ptr<AnswerQueue> queue) : queue_(std::move(queue)) {}
  allocator_type get_allocator() const { return allocator_type(queue_->room_); }
  void operator()() const { queue_->drain(); }

 private:
  std::shared_ptr<AnswerQueue> queue_;
};

AnswerQueue::~AnswerQueue() {
  drop(taken_);
  drop(take());
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
  if (!Round::leave(*this)) wake();
}

void AnswerQueue::wake() {
  // A wake-up that is under way takes what was in the queue before this was seen.
  if (woken_.exchange(true)) return;
  std::unique_lock lock(mutex_);
  if (io_) {
    auto self = std::static_pointer_cast<AnswerQueue>(shared_from_this());
    return boost::asio::post(*io_, WakeUp(std::move(self)));
  }
  lock.unlock();
  woken_.exchange(false);
  drop(take());
}

/// All there are, the first one in first.
ServedExchange* AnswerQueue::take() {
  ServedExchange* first = nullptr;
  for (ServedExchange* at = head_.exchange(nullptr, std::memory_order_acquire); at;) {
    ServedExchange* const before = at->next;
    at->next = first;
    first = at;
    at = before;
  }
  return first;
}

void AnswerQueue::drain() {
  woken_.exchange(false);
  // What goes wrong with one answer is not the trouble of those behind it.
  const OnException again([this] { wake(); });
  deliver_taken();
  taken_ = take();
  deliver_taken();
}

void AnswerQueue::deliver_taken() {
  while (taken_) {
    std::shared_ptr<ServedExchange> exchange = std::move(taken_->self);
    taken_ = exchange->next;
    deliver_(std::move(exchange));
  }
}

void AnswerQueue::close() {
  {
    std::lock_guard lock(mutex_);
    io_ = nullptr;
  }
  woken_.exchange(false);
  // Exchanges hold the queue: what stays in it would stay for ever.
  drop(std::exchange(taken_, nullptr));
  drop(take());
}

}  // namespace forecourt::gateway
