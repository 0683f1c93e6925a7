#pragma once

#include <string_view>

namespace forecourt::config {

// The files of manifests/schema, compiled in.
extern const std::string_view k_descriptor_schema;
extern const std::string_view k_manifest_schema;

}  // namespace forecourt::config
