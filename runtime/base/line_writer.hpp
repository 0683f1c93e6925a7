#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace forecourt {

/// Writes lines to a file descriptor from a thread of its own, many with one system call: adding a
/// line is a lock and a copy. Lines wait at most a moment; `soon` cuts that short. When the
/// descriptor does not take them (a full pipe), what exceeds the buffer is dropped and counted, so
/// that logging never stops a request. Thread-safe.
class LineWriter {
 public:
  explicit LineWriter(int fd, size_t buffer_max = 4 * 1024 * 1024);
  ~LineWriter();  ///< Writes what is buffered.
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  /// `line` without its line end.
  void add(std::string_view line, bool soon = false);

 private:
  void run();
  void write_all(std::string_view text);

  const int fd_;
  const size_t buffer_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string buffer_;     // guarded by mutex_
  uint64_t dropped_ = 0;   // guarded by mutex_
  bool soon_ = false;      // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace forecourt
