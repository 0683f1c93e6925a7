#include "base/line_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

namespace forecourt {
namespace {

/// How long lines are gathered before they are written together.
constexpr std::chrono::milliseconds k_gather{20};

}  // namespace

LineWriter::LineWriter(int fd, size_t buffer_max)
    : fd_(fd), buffer_max_(buffer_max), thread_([this] { run(); }) {}

LineWriter::~LineWriter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void LineWriter::add(std::string_view line, bool soon) {
  bool notify = false;
  {
    std::lock_guard lock(mutex_);
    if (buffer_.size() + line.size() >= buffer_max_) {
      ++dropped_;
      return;
    }
    // Only the first line into an empty buffer wakes the thread; the others ride along.
    notify = buffer_.empty() || (soon && !soon_);
    soon_ = soon_ || soon;
    buffer_.append(line).push_back('\n');
  }
  if (notify) wake_.notify_one();
}

void LineWriter::run() {
  std::string writing;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !buffer_.empty(); });
    wake_.wait_for(lock, k_gather, [this] { return stopping_ || soon_; });
    if (buffer_.empty() && stopping_) return;
    writing.swap(buffer_);
    if (dropped_ > 0) {
      writing +=
          "{\"level\":\"warn\",\"component\":\"log\",\"message\":\"lines were "
          "dropped\",\"count\":\"" +
          std::to_string(dropped_) + "\"}\n";
      dropped_ = 0;
    }
    soon_ = false;
    lock.unlock();
    write_all(writing);
    writing.clear();
    lock.lock();
  }
}

void LineWriter::write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd_, text.data(), text.size());
    if (n > 0) {
      text.remove_prefix(static_cast<size_t>(n));
    } else if (n < 0 && errno == EAGAIN) {
      pollfd waiting{fd_, POLLOUT, 0};
      if (::poll(&waiting, 1, 1000) <= 0) return;
    } else if (n < 0 && errno != EINTR) {
      return;  // nobody reads: there is nowhere to say so
    }
  }
}

}  // namespace forecourt
