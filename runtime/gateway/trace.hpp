#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forecourt::gateway {

/// Trace ids (W3C Trace Context): the caller's, or a new one. One thread.
class Traces {
 public:
  Traces();
  /// The trace id of a valid `traceparent`, else 32 new hex digits.
  std::string id_of(std::string_view traceparent);
  /// Whether the caller records the trace; true without a valid `traceparent`.
  static bool is_sampled(std::string_view traceparent);

 private:
  uint64_t next();
  uint64_t state_[2];  // xoroshiro128+: ids need to differ, not to be secret
};

}  // namespace forecourt::gateway
