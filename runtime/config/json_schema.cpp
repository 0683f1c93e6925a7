#include "config/json_schema.hpp"

#include <algorithm>
#include <vector>

namespace forecourt::config {
namespace {

bool is_index(std::string_view token) {
  return !token.empty() && std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
}

std::string unescaped(std::string_view token) {
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    out += escape ? (token[++i] == '1' ? '/' : '~') : token[i];
  }
  return out;
}

/// "grants.services[2]" of the pointer "/grants/services/2".
std::string dotted(std::string_view pointer) {
  std::string place;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    if (is_index(token)) {
      place += "[" + std::string(token) + "]";
    } else {
      place += (place.empty() ? "" : ".") + unescaped(token);
    }
  }
  return place;
}

}  // namespace

Result<JsonSchema> JsonSchema::compile(const json::Value& schema, const std::string& place) {
  JsonSchema made;
  auto root = made.schemas_.compile(schema, place);
  if (!root) return root.error();
  made.root_ = *root;
  return made;
}

Result<void> JsonSchema::check(const json::Value& value) const {
  std::vector<json::SchemaError> errors;
  if (root_->validate(value, errors, 1)) return {};
  const std::string place = errors.empty() ? "" : dotted(errors.front().at);
  const std::string detail = errors.empty() ? "does not follow its schema" : errors.front().detail;
  return invalid(place.empty() ? detail : place + ": " + detail);
}

}  // namespace forecourt::config
