#pragma once

#include <string>
#include <string_view>

namespace forecourt::config {

/// The services of this host, as `name/rev`. A descriptor asks for them, a manifest grants them.
inline constexpr std::string_view k_services[] = {
    "fc.http/1",    "fc.sql/1",   "fc.events/1", "fc.jobs/1", "fc.org/1",     "fc.config/1",
    "fc.secrets/1", "fc.clock/1", "fc.ids/1",    "fc.log/1",  "fc.metrics/1", "fc.audit/1"};

inline bool is_service(std::string_view name) {
  for (const std::string_view known : k_services) {
    if (known == name) return true;
  }
  return false;
}

inline std::string known_services() {
  std::string list;
  for (const std::string_view known : k_services) {
    if (!list.empty()) list += ", ";
    list += known;
  }
  return list;
}

}  // namespace forecourt::config
