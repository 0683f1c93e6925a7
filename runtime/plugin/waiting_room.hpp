#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>

#include "http/handler.hpp"

namespace forecourt::plugin {

/// Where requests wait while one process takes a plugin over from another; a bounded number of
/// them, the others are answered 503.
class WaitingRoom final : public http::Handler {
 public:
  explicit WaitingRoom(size_t places) : places_(places) {}
  ~WaitingRoom() override;  ///< Whoever still waits is answered 503.

  void handle(std::shared_ptr<http::Exchange> exchange) override;
  /// Those that wait, and all that come later, go to `next`; null: they are answered 503.
  void open(std::shared_ptr<http::Handler> next);

 private:
  const size_t places_;
  std::mutex mutex_;
  bool opened_ = false;                                  // guarded by mutex_
  std::shared_ptr<http::Handler> next_;                  // guarded by mutex_
  std::deque<std::shared_ptr<http::Exchange>> waiting_;  // guarded by mutex_
};

}  // namespace forecourt::plugin
