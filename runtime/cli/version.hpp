#pragma once

namespace forecourt::cli {

inline constexpr const char* k_version = FORECOURT_VERSION;

}  // namespace forecourt::cli
