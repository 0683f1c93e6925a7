#include <forecourt/testkit/testkit.hpp>

#include <strings.h>

namespace fc::testkit {

std::string Response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) {
      return value;
    }
  }
  return "";
}

}  // namespace fc::testkit
