#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace forecourt::config {

/// Parses `text` and checks it against a schema; errors start with `source`.
Result<json::Document> parse_checked(std::string_view text, const std::string& source,
                                     std::string_view schema);

Result<std::string> read_text(const std::string& path);

/// The strings of an array member; empty when absent. The schema has checked the types.
std::vector<std::string> texts(const json::Value& object, std::string_view name);
bool flag(const json::Value& object, std::string_view name, bool fallback = false);

/// An error names the first one this host does not have: "<place>[2]: unknown service ...; known:
/// ...".
Result<void> check_services(std::span<const std::string> services, const std::string& place);

}  // namespace forecourt::config
