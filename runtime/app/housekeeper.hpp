#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace forecourt::app {

/// A thread that does the host's chores about once a second, so that nobody who serves a request
/// has to.
class Housekeeper {
 public:
  explicit Housekeeper(std::function<void()> chores);
  ~Housekeeper();  ///< Waits for the chores under way.
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

 private:
  void run();

  const std::function<void()> chores_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace forecourt::app
