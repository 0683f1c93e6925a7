#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "cli/data_lock.hpp"
#include "cli/settings.hpp"
#include "org/host_directory.hpp"

namespace forecourt::cli {

/// The data directory of a host that does not run: admin verbs write what the next start makes
/// true.
class Offline {
 public:
  static Result<std::unique_ptr<Offline>> open(const Settings& settings);

  /// One transaction with its audit entry.
  Result<void> write(std::string_view action, const std::string& plugin,
                     const org::HostDirectory::Work& work);
  org::HostDirectory& directory() { return *directory_; }

 private:
  explicit Offline(DataLock lock) : lock_(std::move(lock)) {}

  DataLock lock_;
  SystemClock clock_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<org::HostDirectory> directory_;
};

}  // namespace forecourt::cli
