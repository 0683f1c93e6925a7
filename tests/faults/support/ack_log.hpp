#pragma once

#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace faults {

/// What clients were told, kept outside the process that is attacked: a line is on disk when `add`
/// returns. Thread-safe.
class AckLog {
 public:
  explicit AckLog(const std::filesystem::path& path);
  ~AckLog();
  AckLog(const AckLog&) = delete;
  AckLog& operator=(const AckLog&) = delete;

  /// The fields of one line; none holds a tab or a line feed.
  void add(const std::vector<std::string_view>& fields);

  /// Every line of a log, split into its fields.
  static std::vector<std::vector<std::string>> read(const std::filesystem::path& path);

 private:
  std::mutex mutex_;
  int fd_ = -1;
};

}  // namespace faults
