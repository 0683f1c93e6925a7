#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace forecourt::gateway {

/// One answered request. The target's query is left out: it may hold what does not belong in a log.
struct AccessEntry {
  std::string_view method;
  std::string_view path;
  int status = 0;
  std::string_view plugin;
  std::string_view operation;
  std::string_view client;  ///< address
  std::string_view caller;
  std::string_view org;
  std::string_view trace;
  int64_t duration_ns = 0;
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

/// One JSON line a request, through base/log. One thread.
class AccessLog {
 public:
  explicit AccessLog(bool on) : on_(on) {}
  bool on() const;
  void write(const AccessEntry& entry);

 private:
  const bool on_;
  std::string fields_;  // kept for its memory
};

}  // namespace forecourt::gateway
