#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::config {

/// A version "major.minor.patch"; compares in that order.
struct Version {
  uint32_t major = 0;
  uint32_t minor = 0;
  uint32_t patch = 0;

  static Result<Version> parse(std::string_view text);
  std::string text() const;
  auto operator<=>(const Version&) const = default;
};

/// The versions a manifest accepts: "1.2.3" (exactly), "^1.2" (below the next major; below the next
/// minor when the major is 0), "~1.2" (below the next minor), ">=1.0" or "*". Missing parts are 0.
class VersionRange {
 public:
  VersionRange() = default;  ///< "*"
  static Result<VersionRange> parse(std::string_view text);
  bool contains(const Version& version) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_ = "*";
  Version from_;
  Version below_{UINT32_MAX, UINT32_MAX, UINT32_MAX};  ///< exclusive
};

}  // namespace forecourt::config
