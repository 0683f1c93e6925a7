#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/manifest.hpp"

namespace forecourt::plugin {

enum class Access { none, read, write };

/// What the host must know of an operation to run it, from the x-forecourt members of the OpenAPI
/// document.
struct Operation {
  std::string id;
  Access access = Access::none;
  bool is_inline = false;      ///< runs on the I/O thread
  bool secret_answer = false;  ///< its answer is never stored
  bool audited = false;        ///< the host records each call of it
};

/// `place` starts the error texts.
Result<std::vector<Operation>> read_operations(std::string_view openapi, const std::string& place);

/// The document with the manifest's timeout and body limit written into every operation that names
/// none, so that the gateway applies them.
Result<std::string> with_default_limits(std::string_view openapi, const config::Limits& limits);

}  // namespace forecourt::plugin
