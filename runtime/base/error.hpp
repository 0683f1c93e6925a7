#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace forecourt {

/// What kind of failure; the values are those of the C ABI (sdk/include/forecourt/types.h), so that a status
/// crosses the boundary unchanged.
enum class Code : int32_t {
  internal = -1,
  invalid = -2,
  denied = -3,
  not_found = -4,
  conflict = -5,
  stale = -6,
  state = -7,
  limit = -8,
  cancelled = -9,
  unavailable = -10,
  read_only = -11,
  constraint = -12,
};

/// An expected failure, as a value. `message` says what, where and what to do:
/// "manifests/notes.json: config.group: must be an object".
struct Error {
  Code code = Code::internal;
  std::string message;
};

inline Error invalid(std::string message) { return {Code::invalid, std::move(message)}; }
inline Error not_found(std::string message) { return {Code::not_found, std::move(message)}; }
inline Error internal(std::string message) { return {Code::internal, std::move(message)}; }

}  // namespace forecourt
