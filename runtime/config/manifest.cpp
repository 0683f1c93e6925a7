#include "config/manifest.hpp"

#include "base/json_text.hpp"
#include "config/document.hpp"
#include "config/schemas.hpp"

namespace forecourt::config {
namespace {

void read_limit(const json::Value& limits, std::string_view name, int64_t& into) {
  if (const json::Value* value = json::find(limits, name)) into = value->GetInt64();
}

Limits read_limits(const json::Value& root) {
  Limits limits;
  const json::Value* given = json::find(root, "limits");
  if (!given) return limits;
  read_limit(*given, "timeout_ms", limits.timeout_ms);
  read_limit(*given, "body_max_bytes", limits.body_max_bytes);
  read_limit(*given, "queue_max", limits.queue_max);
  read_limit(*given, "store_pages_max", limits.store_pages_max);
  read_limit(*given, "event_failures_max", limits.event_failures_max);
  read_limit(*given, "crashes_max", limits.crashes_max);
  read_limit(*given, "crash_window_ms", limits.crash_window_ms);
  read_limit(*given, "memory_max_bytes", limits.memory_max_bytes);
  read_limit(*given, "threads_max", limits.threads_max);
  return limits;
}

Grants read_grants(const json::Value& root) {
  Grants grants;
  const json::Value* given = json::find(root, "grants");
  if (!given) return grants;
  grants.services = texts(*given, "services");
  grants.unscoped = flag(*given, "unscoped");
  grants.history = texts(*given, "history");
  grants.consumes = texts(*given, "consumes");
  return grants;
}

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& list) {
  append_json_string(out, name);
  out += ":[";
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, list[i]);
  }
  out += ']';
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view text, const std::string& source) {
  auto document = parse_checked(text, source, k_manifest_schema);
  if (!document) return document.error();
  const json::Value& root = *document;

  Manifest manifest;
  manifest.source = source;
  manifest.plugin = json::text(root, "plugin");
  auto version = VersionRange::parse(json::text(root, "version", "*"));
  if (!version) return invalid(source + ": version: " + version.error().message);
  manifest.version = *version;
  manifest.path = json::text(root, "path");
  manifest.mode = json::text(root, "mode", "in-process");
  manifest.sandbox_minimum = texts(root, "sandbox_minimum");
  manifest.enabled = flag(root, "enabled", true);
  manifest.grants = read_grants(root);
  if (auto known = check_services(manifest.grants.services, source + ": grants.services"); !known) {
    return known.error();
  }
  manifest.limits = read_limits(root);
  if (const json::Value* config = json::find(root, "config"))
    manifest.config = json::to_text(*config);
  return manifest;
}

Result<Manifest> load_manifest(const std::string& path) {
  auto text = read_text(path);
  if (!text) return text.error();
  return parse_manifest(*text, path);
}

std::string to_json(const Manifest& manifest) {
  const auto number = [](int64_t value) { return std::to_string(value); };
  std::string out = "{\"manifest\":1,\"plugin\":" + json_string(manifest.plugin) +
                    ",\"version\":" + json_string(manifest.version.text()) +
                    ",\"path\":" + json_string(manifest.path) +
                    ",\"mode\":" + json_string(manifest.mode) + ",";
  append_list(out, "sandbox_minimum", manifest.sandbox_minimum);
  out += std::string(",\"enabled\":") + (manifest.enabled ? "true" : "false") + ",\"grants\":{";
  append_list(out, "services", manifest.grants.services);
  out += std::string(",\"unscoped\":") + (manifest.grants.unscoped ? "true" : "false") + ",";
  append_list(out, "history", manifest.grants.history);
  out += ',';
  append_list(out, "consumes", manifest.grants.consumes);
  const Limits& limits = manifest.limits;
  out += "},\"limits\":{\"timeout_ms\":" + number(limits.timeout_ms) +
         ",\"body_max_bytes\":" + number(limits.body_max_bytes) +
         ",\"queue_max\":" + number(limits.queue_max) +
         ",\"store_pages_max\":" + number(limits.store_pages_max) +
         ",\"event_failures_max\":" + number(limits.event_failures_max) +
         ",\"crashes_max\":" + number(limits.crashes_max) +
         ",\"crash_window_ms\":" + number(limits.crash_window_ms) +
         ",\"memory_max_bytes\":" + number(limits.memory_max_bytes) +
         ",\"threads_max\":" + number(limits.threads_max) + "},\"config\":" + manifest.config + "}";
  return out;
}

}  // namespace forecourt::config
