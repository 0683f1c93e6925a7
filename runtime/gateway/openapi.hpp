#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "gateway/operation.hpp"

namespace forecourt::gateway {

/// Reads a plugin's OpenAPI document into operations, refusing whatever the gateway would not
/// enforce: an unknown schema keyword, a path outside `prefix` ("/v1/<id>"), an undeclared path
/// parameter, a missing x-forecourt member. docs/WRITING_A_PLUGIN.md is the list for authors. The
/// error says where in the document.
Result<Operations> read_openapi(const std::string& id, const std::string& prefix,
                                const json::Document& document);

/// The same check for those who only want the answer: install, `forecourt check`.
Result<void> check_openapi(const std::string& id, const std::string& prefix,
                           const std::string& text);

/// One document to be merged.
struct OpenApiPart {
  std::string id;
  const json::Document* document;
};

/// The merged document of the whole host: operation ids become "<plugin>_<id>", components
/// "<plugin>.<name>"; what the host adds to every operation (credential, standard headers, problem
/// answers) is written in.
std::string merge_openapi(const std::vector<OpenApiPart>& parts);

}  // namespace forecourt::gateway
