#include "config/config_values.hpp"

#include "base/json_text.hpp"

namespace forecourt::config {
namespace {

using json::Value;

/// {"value": v, "locked": bool} and nothing else: the form of a value that can be locked.
bool is_lock_form(const Value& value) {
  if (!value.IsObject() || value.MemberCount() != 2) return false;
  const Value* locked = json::find(value, "locked");
  return locked && locked->IsBool() && json::find(value, "value");
}

/// One org's values without their locks: what the schema speaks about.
json::Document plain_values(const Value& values) {
  json::Document plain(rapidjson::kObjectType);
  for (const auto& member : values.GetObject()) {
    const Value& value =
        is_lock_form(member.value) ? *json::find(member.value, "value") : member.value;
    plain.AddMember(Value(member.name, plain.GetAllocator()), Value(value, plain.GetAllocator()),
                    plain.GetAllocator());
  }
  return plain;
}

Result<ConfigValues::OrgSettings> parse_org(const Value& values, const ConfigSchema& schema,
                                            const std::string& place) {
  if (!values.IsObject()) return invalid(place + ": must be an object of settings");
  if (auto checked = schema.check(plain_values(values)); !checked) {
    return invalid(place + ": " + checked.error().message);
  }
  ConfigValues::OrgSettings settings;
  for (const auto& member : values.GetObject()) {
    const bool lock_form = is_lock_form(member.value);
    const Value& value = lock_form ? *json::find(member.value, "value") : member.value;
    const bool locked = lock_form && json::find(member.value, "locked")->GetBool();
    settings[std::string(json::view(member.name))] = {json::to_text(value), locked};
  }
  return settings;
}

}  // namespace

Result<ConfigSchema> ConfigSchema::compile(std::string_view schema_text, const std::string& place) {
  auto document = json::parse(schema_text.empty() ? "{\"properties\":{}}" : schema_text);
  if (!document) return invalid(place + ": " + document.error().message);
  const Value* properties = json::find(*document, "properties");
  if (!properties || !properties->IsObject()) {
    return invalid(place + ": must be a schema object with \"properties\"");
  }
  // An org sets some of the values and never unknown ones.
  auto& allocator = document->GetAllocator();
  document->RemoveMember("required");
  document->RemoveMember("additionalProperties");
  document->AddMember("additionalProperties", false, allocator);
  auto schema = JsonSchema::compile(*document, place);
  if (!schema) return schema.error();

  ConfigSchema result(std::move(*schema));
  properties = json::find(*document, "properties");  // the edits above moved it
  for (const auto& member : properties->GetObject()) {
    const Value* fallback = json::find(member.value, "default");
    result.keys_[std::string(json::view(member.name))] = fallback ? json::to_text(*fallback) : "";
    if (!fallback) continue;
    json::Document alone(rapidjson::kObjectType);
    alone.AddMember(Value(member.name, alone.GetAllocator()),
                    Value(*fallback, alone.GetAllocator()), alone.GetAllocator());
    if (auto checked = result.schema_.check(alone); !checked) {
      return invalid(place + ".properties: the default of " + checked.error().message);
    }
  }
  return result;
}

Result<void> ConfigSchema::check(const Value& values) const { return schema_.check(values); }

std::optional<std::string_view> ConfigSchema::default_of(std::string_view key) const {
  const auto found = keys_.find(key);
  if (found == keys_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

Result<ConfigValues> ConfigValues::parse(const Value& values, const ConfigSchema& schema,
                                         const std::string& place) {
  if (!values.IsObject()) return invalid(place + ": must be an object of orgs");
  ConfigValues result;
  for (const auto& member : values.GetObject()) {
    const std::string org(json::view(member.name));
    auto settings = parse_org(member.value, schema, place + "." + org);
    if (!settings) return settings.error();
    result.orgs_[org] = std::move(*settings);
  }
  return result;
}

Result<ConfigValues> ConfigValues::with(const std::string& org, const Value& values,
                                        const ConfigSchema& schema,
                                        const std::string& place) const {
  auto settings = parse_org(values, schema, place);
  if (!settings) return settings.error();
  ConfigValues result = *this;
  if (settings->empty()) {
    result.orgs_.erase(org);
  } else {
    result.orgs_[org] = std::move(*settings);
  }
  return result;
}

std::optional<std::string_view> ConfigValues::effective(const ConfigSchema& schema,
                                                        std::span<const std::string_view> path,
                                                        std::string_view key) const {
  const Setting* winner = nullptr;
  for (const std::string_view org : path) {
    const OrgSettings* settings = at(org);
    if (!settings) continue;
    const auto found = settings->find(key);
    if (found == settings->end()) continue;
    if (!winner || found->second.locked) winner = &found->second;
  }
  if (winner) return winner->json;
  return schema.default_of(key);
}

std::string ConfigValues::effective_json(const ConfigSchema& schema,
                                         std::span<const std::string_view> path) const {
  std::string out = "{";
  for (const auto& [key, fallback] : schema.keys()) {
    const auto value = effective(schema, path, key);
    if (!value) continue;
    if (out.size() > 1) out += ',';
    append_json_string(out, key);
    out += ':';
    out += *value;
  }
  return out + "}";
}

std::string_view ConfigValues::locked_by(std::span<const std::string_view> path,
                                         std::string_view key) const {
  std::string_view locker;
  for (const std::string_view org : path.subspan(path.empty() ? 0 : 1)) {
    const OrgSettings* settings = at(org);
    if (!settings) continue;
    const auto found = settings->find(key);
    if (found != settings->end() && found->second.locked) locker = org;
  }
  return locker;
}

const ConfigValues::OrgSettings* ConfigValues::at(std::string_view org) const {
  const auto found = orgs_.find(org);
  return found == orgs_.end() ? nullptr : &found->second;
}

std::string ConfigValues::to_json() const {
  std::string out = "{";
  for (const auto& [org, settings] : orgs_) {
    if (out.size() > 1) out += ',';
    append_json_string(out, org);
    out += ":{";
    bool first = true;
    for (const auto& [key, setting] : settings) {
      if (!first) out += ',';
      first = false;
      append_json_string(out, key);
      // A plain value of the lock form would be read back as one: it is always written with its
      // lock.
      out += ":{\"value\":" + setting.json + ",\"locked\":" + (setting.locked ? "true" : "false") +
             "}";
    }
    out += '}';
  }
  return out + "}";
}

}  // namespace forecourt::config
