#pragma once

#include <string>

#include "base/result.hpp"

namespace forecourt::cli {

/// Held by whoever works on a data directory: a running host, or a verb that works offline. Freed
/// by the kernel when the process ends, however it ends.
class DataLock {
 public:
  /// Makes the directory (mode 0700) when missing. Code::conflict, naming the holder, when another
  /// process holds it.
  static Result<DataLock> take(const std::string& data);
  DataLock(DataLock&& other) noexcept;
  DataLock& operator=(DataLock&& other) noexcept;
  ~DataLock();

  /// Says where the holding host listens; what `holder_address` reads.
  Result<void> note_address(const std::string& address);

 private:
  explicit DataLock(int file) : file_(file) {}
  int file_ = -1;
};

/// The address of the host that runs on this data directory; empty when none does (or it does not
/// listen yet).
std::string holder_address(const std::string& data);

}  // namespace forecourt::cli
