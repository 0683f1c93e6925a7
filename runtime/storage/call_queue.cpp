#include "storage/call_queue.hpp"

#include <chrono>

namespace forecourt::storage {

bool CallQueue::push(std::unique_ptr<WriteCall>& call) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_ || refusing_ || calls_.size() >= calls_max_) return false;
    calls_.push_back(std::move(call));
    wake = waiting_;
  }
  if (wake) wake_.notify_one();
  return true;
}

bool CallQueue::push_task(Task task) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return false;
    tasks_.push_back(std::move(task));
    wake = waiting_;
  }
  if (wake) wake_.notify_one();
  return true;
}

std::unique_ptr<WriteCall> CallQueue::pop() {
  std::lock_guard lock(mutex_);
  if (calls_.empty()) return nullptr;
  auto call = std::move(calls_.front());
  calls_.pop_front();
  return call;
}

CallQueue::Task CallQueue::pop_task() {
  std::lock_guard lock(mutex_);
  if (tasks_.empty()) return nullptr;
  auto task = std::move(tasks_.front());
  tasks_.pop_front();
  return task;
}

std::vector<std::unique_ptr<WriteCall>> CallQueue::pop_all() {
  std::lock_guard lock(mutex_);
  std::vector<std::unique_ptr<WriteCall>> calls;
  for (auto& call : calls_) calls.push_back(std::move(call));
  calls_.clear();
  return calls;
}

bool CallQueue::wait(int64_t timeout_ms) {
  std::unique_lock lock(mutex_);
  waiting_ = true;
  wake_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                 [this] { return closed_ || !calls_.empty() || !tasks_.empty(); });
  waiting_ = false;
  return !calls_.empty() || !tasks_.empty();
}

void CallQueue::refuse(bool refusing) {
  std::lock_guard lock(mutex_);
  refusing_ = refusing;
}

void CallQueue::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
}

bool CallQueue::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

size_t CallQueue::size() const {
  std::lock_guard lock(mutex_);
  return calls_.size();
}

}  // namespace forecourt::storage
