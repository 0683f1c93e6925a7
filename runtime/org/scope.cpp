#include "org/scope.hpp"

#include <string>

namespace forecourt::org {
namespace {

/// [a-z][a-z0-9_-]{0,62}
bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 63 || text.front() < 'a' || text.front() > 'z') return false;
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string_view::npos;
}

}  // namespace

Result<void> check_scope(std::string_view scope) {
  if (scope == "*") return {};
  const size_t colon = scope.find(':');
  if (colon != std::string_view::npos && is_name(scope.substr(0, colon))) {
    const std::string_view verb = scope.substr(colon + 1);
    if (verb == "*" || is_name(verb)) return {};
  }
  return invalid("\"" + std::string(scope) +
                 "\" is not a scope: use \"*\", \"<plugin>:*\" or \"<plugin>:<verb>\"");
}

bool scope_allows(std::string_view scope, std::string_view plugin, std::string_view verb) {
  if (scope == "*") return true;
  if (scope.size() <= plugin.size() || !scope.starts_with(plugin) || scope[plugin.size()] != ':') {
    return false;
  }
  const std::string_view held = scope.substr(plugin.size() + 1);
  return held == "*" || held == verb;
}

bool scope_covers(std::string_view wide, std::string_view narrow) {
  if (wide == "*" || wide == narrow) return true;
  if (!wide.ends_with(":*")) return false;
  return narrow.starts_with(wide.substr(0, wide.size() - 1));
}

}  // namespace forecourt::org
