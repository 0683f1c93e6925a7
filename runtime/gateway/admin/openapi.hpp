#pragma once

#include <string_view>

namespace forecourt::admin {

/// openapi.json of this folder, as compiled in.
std::string_view openapi_document();

}  // namespace forecourt::admin
