#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace forecourt::isolation {

/// What a child writes to its standard error: its log, and whatever else. Each line goes into the
/// host's log under the plugin's name; the last ones are kept for whoever asks how it ended.
class LogPipe {
 public:
  static constexpr size_t k_lines_kept = 20;

  explicit LogPipe(std::string plugin);
  ~LogPipe();
  LogPipe(const LogPipe&) = delete;
  LogPipe& operator=(const LogPipe&) = delete;

  /// For the child; `started` once it has it. -1: no pipe could be made.
  int writing_end() const { return ends_[1]; }
  int reading_end() const { return ends_[0]; }
  void started();

  /// Takes what is there; false at its end.
  bool take();
  /// The last lines, oldest first. Any thread.
  std::vector<std::string> last_lines() const;

 private:
  void put(std::string_view line);

  const std::string plugin_;
  int ends_[2] = {-1, -1};
  std::string partial_;
  mutable std::mutex mutex_;
  std::deque<std::string> last_;  // guarded by mutex_
};

}  // namespace forecourt::isolation
