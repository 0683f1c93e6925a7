#include "config/descriptor.hpp"

#include "base/json.hpp"
#include "config/config_values.hpp"
#include "config/document.hpp"
#include "config/schemas.hpp"
#include "config/services.hpp"

namespace forecourt::config {
namespace {

Result<void> check_publishes(const Descriptor& descriptor, const std::string& source) {
  for (size_t i = 0; i < descriptor.publishes.size(); ++i) {
    if (descriptor.publishes[i].starts_with(descriptor.id + ".")) continue;
    return invalid(source + ": events.publishes[" + std::to_string(i) +
                   "]: a plugin publishes only types that start with \"" + descriptor.id + ".\"");
  }
  return {};
}

Result<void> check_config(const Descriptor& descriptor, const std::string& source) {
  auto schema = ConfigSchema::compile(descriptor.config_schema, source + ": config");
  if (!schema) return schema.error();
  return {};
}

/// What the host serves or names itself: /v1/events, the subscribers "host/...", the admin's
/// scopes.
bool is_reserved(std::string_view id) {
  return id == "admin" || id == "events" || id == "host" || id == "webhooks";
}

}  // namespace

Result<Descriptor> parse_descriptor(std::string_view text, const std::string& source) {
  auto document = parse_checked(text, source, k_descriptor_schema);
  if (!document) return document.error();
  const json::Value& root = *document;

  Descriptor descriptor;
  descriptor.id = json::text(root, "id");
  if (is_reserved(descriptor.id))
    return invalid(source + ": id: \"" + descriptor.id + "\" is a part of the host itself");
  auto version = Version::parse(json::text(root, "version"));
  if (!version) return invalid(source + ": version: " + version.error().message);
  descriptor.version = *version;
  descriptor.title = json::text(root, "title");
  descriptor.description = json::text(root, "description");
  descriptor.services = texts(root, "services");
  if (auto known = check_services(descriptor.services, source + ": services"); !known)
    return known.error();
  if (const json::Value* rights = json::find(root, "rights")) {
    descriptor.unscoped = flag(*rights, "unscoped");
    descriptor.history = texts(*rights, "history");
  }
  descriptor.libraries = texts(root, "libraries");
  if (const json::Value* schema = json::find(root, "config"))
    descriptor.config_schema = json::to_text(*schema);
  if (const json::Value* events = json::find(root, "events")) {
    descriptor.publishes = texts(*events, "publishes");
    descriptor.consumes = texts(*events, "consumes");
  }
  descriptor.jobs = texts(root, "jobs");

  if (auto checked = check_publishes(descriptor, source); !checked) return checked.error();
  if (auto checked = check_config(descriptor, source); !checked) return checked.error();
  return descriptor;
}

Result<Descriptor> load_descriptor(const std::string& path) {
  auto text = read_text(path);
  if (!text) return text.error();
  return parse_descriptor(*text, path);
}

}  // namespace forecourt::config
