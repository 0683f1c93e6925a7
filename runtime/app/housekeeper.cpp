#include "app/housekeeper.hpp"

#include <chrono>
#include <utility>

namespace forecourt::app {
namespace {

constexpr std::chrono::seconds k_interval{1};

}  // namespace

Housekeeper::Housekeeper(std::function<void()> chores)
    : chores_(std::move(chores)), thread_([this] { run(); }) {}

Housekeeper::~Housekeeper() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Housekeeper::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    chores_();
    lock.lock();
    wake_.wait_for(lock, k_interval, [this] { return stopping_; });
  }
}

}  // namespace forecourt::app
