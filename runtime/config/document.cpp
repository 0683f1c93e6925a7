#include "config/document.hpp"

#include <fstream>
#include <sstream>

#include "config/json_schema.hpp"
#include "config/services.hpp"

namespace forecourt::config {

Result<json::Document> parse_checked(std::string_view text, const std::string& source,
                                     std::string_view schema_text) {
  auto document = json::parse(text);
  if (!document) return invalid(source + ": " + document.error().message);
  auto schema_document = json::parse(schema_text);
  if (!schema_document) return internal("schema: " + schema_document.error().message);
  auto schema = JsonSchema::compile(*schema_document, "schema");
  if (!schema) return internal(schema.error().message);
  if (auto checked = schema->check(*document); !checked)
    return invalid(source + ": " + checked.error().message);
  return document;
}

Result<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return not_found(path + ": cannot be read");
  return std::move(text).str();
}

std::vector<std::string> texts(const json::Value& object, std::string_view name) {
  std::vector<std::string> list;
  const json::Value* array = json::find(object, name);
  if (!array || !array->IsArray()) return list;
  for (const json::Value& entry : array->GetArray()) list.emplace_back(json::view(entry));
  return list;
}

bool flag(const json::Value& object, std::string_view name, bool fallback) {
  const json::Value* value = json::find(object, name);
  return value && value->IsBool() ? value->GetBool() : fallback;
}

Result<void> check_services(std::span<const std::string> services, const std::string& place) {
  for (size_t i = 0; i < services.size(); ++i) {
    if (is_service(services[i])) continue;
    return invalid(place + "[" + std::to_string(i) + "]: unknown service \"" + services[i] +
                   "\"; known: " + known_services());
  }
  return {};
}

}  // namespace forecourt::config
