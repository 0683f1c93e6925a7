#include "plugin/candidate.hpp"

#include <algorithm>

#include "config/services.hpp"
#include "plugin/elf.hpp"

namespace forecourt::plugin {
namespace {

using config::Descriptor;
using config::Manifest;

bool contains(const std::vector<std::string>& list, std::string_view entry) {
  return std::ranges::find(list, entry) != list.end();
}

Error refused(const Manifest& manifest, const std::string& why) {
  return invalid(manifest.source + ": " + why);
}

Result<void> check_identity(const Manifest& manifest, const Descriptor& descriptor) {
  if (descriptor.id != manifest.plugin) {
    return refused(manifest, "plugin: is \"" + manifest.plugin + "\", but the bundle at \"" +
                                 manifest.path + "\" is \"" + descriptor.id + "\"");
  }
  if (!manifest.version.contains(descriptor.version)) {
    return refused(manifest, "version: asks for " + manifest.version.text() +
                                 ", but the bundle at \"" + manifest.path + "\" is " +
                                 descriptor.version.text());
  }
  return {};
}

Result<uint32_t> granted_services(const Manifest& manifest, const Descriptor& descriptor) {
  uint32_t services = 0;
  for (const std::string& name : descriptor.services) {
    if (!contains(manifest.grants.services, name)) {
      return refused(manifest, "grants.services: " + descriptor.id + " needs \"" + name +
                                   "\"; add it to grant it");
    }
    const auto known = std::ranges::find(config::k_services, name);
    services |= 1u << (known - std::begin(config::k_services));
  }
  return services;
}

/// A grant for something the plugin never asks for is a typing error, not a favour.
Result<void> check_grants(const Manifest& manifest, const Descriptor& descriptor) {
  for (size_t i = 0; i < manifest.grants.consumes.size(); ++i) {
    if (contains(descriptor.consumes, manifest.grants.consumes[i])) continue;
    return refused(manifest, "grants.consumes[" + std::to_string(i) + "]: " + descriptor.id +
                                 " does not consume \"" + manifest.grants.consumes[i] + "\"");
  }
  for (size_t i = 0; i < manifest.grants.history.size(); ++i) {
    if (contains(descriptor.history, manifest.grants.history[i])) continue;
    return refused(manifest, "grants.history[" + std::to_string(i) + "]: " + descriptor.id +
                                 " does not ask for the history of \"" +
                                 manifest.grants.history[i] + "\"");
  }
  return {};
}

Result<void> check_config(Candidate& candidate) {
  const Manifest& manifest = candidate.manifest;
  auto schema = config::ConfigSchema::compile(candidate.bundle.descriptor.config_schema,
                                              candidate.bundle.folder + "/plugin.json: config");
  if (!schema) return schema.error();
  candidate.config_schema = std::make_shared<const config::ConfigSchema>(std::move(*schema));
  auto document = json::parse(manifest.config);
  if (!document) return refused(manifest, "config: " + document.error().message);
  auto values = config::ConfigValues::parse(*document, *candidate.config_schema,
                                            manifest.source + ": config");
  if (!values) return values.error();
  candidate.config = std::move(*values);
  return {};
}

Result<void> check_library(const Bundle& bundle) {
  const std::string place = bundle.folder + "/" + bundle.descriptor.id + ".so: ";
  auto elf = read_elf(bundle.library);
  if (!elf) return invalid(place + elf.error().message);
  if (auto allowed = check_elf(*elf, bundle.descriptor.libraries); !allowed) {
    return invalid(place + allowed.error().message);
  }
  return {};
}

}  // namespace

std::string prefix_of(const std::string& id) { return "/v1/" + id; }

std::string Candidate::fingerprint() const {
  return bundle.fingerprint + config::to_json(manifest);
}

bool is_isolated(const config::Manifest& manifest) { return manifest.mode == "isolated"; }

Result<Candidate> check_candidate(const Manifest& manifest, Bundle bundle) {
  Candidate candidate;
  candidate.manifest = manifest;
  candidate.bundle = std::move(bundle);
  const Descriptor& descriptor = candidate.bundle.descriptor;

  if (auto fits = check_identity(manifest, descriptor); !fits) return fits.error();
  auto services = granted_services(manifest, descriptor);
  if (!services) return services.error();
  candidate.services = *services;
  if (auto fits = check_grants(manifest, descriptor); !fits) return fits.error();
  for (const std::string& type : descriptor.consumes) {
    if (contains(manifest.grants.consumes, type)) candidate.consumes.push_back(type);
  }
  if (auto fits = check_config(candidate); !fits) return fits.error();
  return candidate;
}

Result<Candidate> check_candidate(const Manifest& manifest, const OpenapiCheck& check_openapi) {
  auto bundle = load_bundle(manifest.path);
  if (!bundle) return bundle.error();
  auto candidate = check_candidate(manifest, std::move(*bundle));
  if (!candidate) return candidate;
  const Descriptor& descriptor = candidate->bundle.descriptor;
  const std::string openapi_path = candidate->bundle.folder + "/openapi.json";
  auto openapi = with_default_limits(candidate->bundle.openapi, manifest.limits);
  if (!openapi) return invalid(openapi_path + ": " + openapi.error().message);
  candidate->openapi = std::move(*openapi);
  if (check_openapi) {
    if (auto served = check_openapi(descriptor.id, prefix_of(descriptor.id), candidate->openapi);
        !served) {
      return invalid(openapi_path + ": " + served.error().message);
    }
  }
  if (auto loadable = check_library(candidate->bundle); !loadable) return loadable.error();
  return candidate;
}

}  // namespace forecourt::plugin
