#pragma once

#include <forecourt/types.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace fc {

inline fc_view view(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view text(const fc_view& view) {
  return {reinterpret_cast<const char*>(view.p), static_cast<size_t>(view.n)};
}

/// A host function's failure, or a handler's own. Thrown inside the plugin only: the shims catch it
/// at the edge, undo the call's writes and hand the status and text to the host, which answers the
/// matching HTTP error.
class Error : public std::runtime_error {
 public:
  Error(fc_status status, const std::string& what) : std::runtime_error(what), status_(status) {}
  fc_status status() const { return status_; }

 private:
  fc_status status_;
};

/// A failure the host has already described: the shim passes the status on and leaves the host's
/// own text.
class HostError : public Error {
 public:
  using Error::Error;
};

inline void check(fc_status status, const char* what) {
  if (status < 0) throw HostError(status, what);
}

}  // namespace fc
