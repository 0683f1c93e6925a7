#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>

#include "base/result.hpp"

namespace forecourt::isolation {

/// Whether the machine knows a user or a group of that number.
bool is_account(uint32_t number);

/// The users that a host which is root gives its isolated plugins: one each, of a range of numbers
/// that are nobody's account; user and group have the same number. Thread-safe.
class PluginUsers {
 public:
  PluginUsers(std::string data_folder, uint32_t first, uint32_t last,
              std::function<bool(uint32_t)> is_taken = is_account)
      : folder_(std::move(data_folder) + "/isolated"),
        first_(first),
        last_(last),
        is_taken_(std::move(is_taken)) {}

  /// The same at every start: what was chosen is on disk, in <data>/isolated/<plugin>.uid, before
  /// this returns, and no other plugin gets it, not even when this one is removed. Chosen anew when
  /// the range has changed or an account has taken the number.
  Result<uint32_t> of(const std::string& plugin);

 private:
  std::string file_of(const std::string& plugin) const { return folder_ + "/" + plugin + ".uid"; }
  Result<uint32_t> choose(const std::string& plugin, const std::set<uint32_t>& given) const;

  const std::string folder_;
  const uint32_t first_;
  const uint32_t last_;
  const std::function<bool(uint32_t)> is_taken_;
  std::mutex mutex_;  ///< one choice at a time
};

}  // namespace forecourt::isolation
