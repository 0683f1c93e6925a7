#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/config_values.hpp"
#include "config/manifest.hpp"
#include "plugin/bundle.hpp"

namespace forecourt::plugin {

using OpenapiCheck =
    std::function<Result<void>(const std::string&, const std::string&, const std::string&)>;

/// "/v1/coupons"
std::string prefix_of(const std::string& id);

/// A bundle and a manifest that fit each other: everything that can be checked before any of its
/// code runs.
struct Candidate {
  config::Manifest manifest;
  Bundle bundle;
  std::string openapi;  ///< with the manifest's limits written in: what the gateway serves
  std::shared_ptr<const config::ConfigSchema> config_schema;
  config::ConfigValues config;
  uint32_t services = 0;              ///< asked for and granted, one bit a Service
  std::vector<std::string> consumes;  ///< asked for and granted

  /// Changes when bundle or manifest do.
  std::string fingerprint() const;
};

/// Whether the manifest asks for a process of the plugin's own.
bool is_isolated(const config::Manifest& manifest);

/// What manifest and descriptor say of each other. Errors name the file, the place and what to do.
Result<Candidate> check_candidate(const config::Manifest& manifest, Bundle bundle);
/// The same of the bundle that the manifest names, its OpenAPI document and its library.
Result<Candidate> check_candidate(const config::Manifest& manifest,
                                  const OpenapiCheck& check_openapi);

}  // namespace forecourt::plugin
