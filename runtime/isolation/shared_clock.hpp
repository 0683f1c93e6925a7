#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace forecourt::isolation {

/// A clock that stands on a page of memory which several processes see: whoever made it turns it,
/// for all of them. The testkit's, so that a plugin in a process of its own lives in the test's time.
class SharedClock final : public Clock {
 public:
  static Result<std::unique_ptr<SharedClock>> make();
  /// The clock of another process's descriptor, to be read only; taken over.
  static Result<std::unique_ptr<SharedClock>> open(int descriptor);
  ~SharedClock() override;
  SharedClock(const SharedClock&) = delete;
  SharedClock& operator=(const SharedClock&) = delete;

  int64_t now_ms() const override { return page_->now_ms.load(std::memory_order_relaxed); }
  int64_t monotonic_ns() const override {
    return page_->monotonic_ns.load(std::memory_order_relaxed);
  }
  void set(int64_t now_ms, int64_t monotonic_ns);
  int descriptor() const { return descriptor_; }

 private:
  struct Page {
    std::atomic<int64_t> now_ms;
    std::atomic<int64_t> monotonic_ns;
  };
  SharedClock(int descriptor, Page* page) : descriptor_(descriptor), page_(page) {}

  const int descriptor_;
  Page* const page_;
};

}  // namespace forecourt::isolation
