#pragma once

#include <string_view>

#include "base/result.hpp"

namespace forecourt::org {

/// A scope is "*", "<plugin>:*" or "<plugin>:<verb>"; the admin API's plugin is "admin".
Result<void> check_scope(std::string_view scope);

/// Whether a key holding `scope` may run what needs (plugin, verb).
bool scope_allows(std::string_view scope, std::string_view plugin, std::string_view verb);

/// Whether everything `narrow` allows is allowed by `wide`.
bool scope_covers(std::string_view wide, std::string_view narrow);

}  // namespace forecourt::org
