#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace fc::testkit {

/// In a test a failure of the host is the test's: what would be logged is thrown.
template <class T>
T value_of(forecourt::Result<T> result, const std::string& what) {
  if (!result) throw std::runtime_error(what + ": " + result.error().message);
  return std::move(result).value();
}
inline void must(const forecourt::Result<void>& result, const std::string& what) {
  if (!result) throw std::runtime_error(what + ": " + result.error().message);
}

}  // namespace fc::testkit
