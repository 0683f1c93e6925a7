#include "org/timezone.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace forecourt::org {

bool is_timezone(std::string_view name) {
  // "localtime" stands beside the zones on disk but names this machine's setting, not a zone.
  if (name.empty() || name == "localtime") return false;
  try {
    date::locate_zone(name);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace forecourt::org
