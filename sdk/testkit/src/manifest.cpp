#include "manifest.hpp"

#include <cstdlib>
#include <filesystem>

#include "raise.hpp"

namespace fc::testkit {
namespace {

Json texts(const std::vector<std::string>& values) {
  Json array = Json::array();
  for (const std::string& value : values) array.push(value);
  return array;
}

Json all_grants(const forecourt::config::Descriptor& descriptor) {
  return Json::object({{"services", texts(descriptor.services)},
                       {"unscoped", descriptor.unscoped},
                       {"history", texts(descriptor.history)},
                       {"consumes", texts(descriptor.consumes)}});
}

}  // namespace

forecourt::config::Manifest manifest_of(const Plugin& plugin,
                                        const forecourt::config::Descriptor& descriptor) {
  const char* const mode = std::getenv("FORECOURT_TEST_MODE");
  const Json manifest = Json::object(
      {{"manifest", 1},
       {"plugin", descriptor.id},
       {"mode", mode ? mode : "in-process"},
       {"path", std::filesystem::absolute(plugin.bundle).string()},
       {"grants", plugin.grants ? Json::parse(*plugin.grants) : all_grants(descriptor)},
       {"config", Json::parse(plugin.config)}});
  return value_of(forecourt::config::parse_manifest(manifest.dump(), "manifest of the testkit"),
                  plugin.bundle);
}

}  // namespace fc::testkit
