#include "config/json_schema.hpp"

#include <rapidjson/internal/regex.h>
#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>

#include <algorithm>

namespace forecourt::config {
namespace {

using json::Value;

constexpr std::string_view k_keywords[] = {
    "type",      "enum",     "properties", "required",    "additionalProperties",
    "items",     "minItems", "maxItems",   "uniqueItems", "minLength",
    "maxLength", "pattern",  "minimum",    "maximum",     "allOf",
    "anyOf",     "oneOf",    "not",        "title",       "description",
    "default",   "example",  "examples",   "deprecated",  "readOnly",
    "writeOnly", "$comment"};

bool is_keyword(std::string_view name) {
  return name.starts_with("x-") || std::ranges::find(k_keywords, name) != std::end(k_keywords);
}

/// The validator accepts every text for these escapes and groups; see also the keyword list.
bool is_pattern_understood(std::string_view pattern) {
  for (const std::string_view trap :
       {"\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "\\b", "\\B", "(?"}) {
    if (pattern.find(trap) != std::string_view::npos) return false;
  }
  return rapidjson::internal::Regex(std::string(pattern).c_str()).IsValid();
}

Result<void> check_keywords(const Value& schema, const std::string& place);

Result<void> check_each(const Value& schemas, const std::string& place) {
  if (schemas.IsObject()) {
    for (const auto& member : schemas.GetObject()) {
      const std::string at = place + "." + member.name.GetString();
      if (auto checked = check_keywords(member.value, at); !checked) return checked;
    }
    return {};
  }
  if (!schemas.IsArray()) return invalid(place + ": must be a list of schemas");
  for (rapidjson::SizeType i = 0; i < schemas.Size(); ++i) {
    const std::string at = place + "[" + std::to_string(i) + "]";
    if (auto checked = check_keywords(schemas[i], at); !checked) return checked;
  }
  return {};
}

Result<void> check_keyword(std::string_view name, const Value& value, const std::string& at) {
  if (!is_keyword(name)) {
    return invalid(at + ": not a keyword of the schemas this host checks; it would be ignored");
  }
  if (name == "properties" || name == "allOf" || name == "anyOf" || name == "oneOf") {
    return check_each(value, at);
  }
  if (name == "not" || name == "items") return check_keywords(value, at);
  if (name == "additionalProperties" && !value.IsBool()) return check_keywords(value, at);
  if (name == "pattern" && (!value.IsString() || !is_pattern_understood(json::view(value)))) {
    return invalid(
        at +
        ": must be a pattern without \\d, \\w, \\s, \\b and (?...); write [0-9], [a-z] and ( )");
  }
  return {};
}

Result<void> check_keywords(const Value& schema, const std::string& place) {
  if (!schema.IsObject()) return invalid(place + ": must be a schema object");
  for (const auto& member : schema.GetObject()) {
    const std::string_view name = json::view(member.name);
    if (auto checked = check_keyword(name, member.value, place + "." + std::string(name));
        !checked) {
      return checked;
    }
  }
  return {};
}

/// "grants.services[2]": the place a pointer names within `value`, and what stands there.
struct Place {
  std::string text;
  const Value* value = nullptr;
  std::string last;  ///< its last member name
};

Place place_of(const Value& root, const rapidjson::Pointer& pointer) {
  Place place;
  place.value = &root;
  for (size_t i = 0; i < pointer.GetTokenCount(); ++i) {
    const auto& token = pointer.GetTokens()[i];
    const std::string name(token.name, token.length);
    if (place.value && place.value->IsArray()) {
      place.text += "[" + name + "]";
      place.value = token.index < place.value->Size() ? &(*place.value)[token.index] : nullptr;
      continue;
    }
    if (!place.text.empty()) place.text += ".";
    place.text += name;
    place.last = name;
    place.value = place.value ? json::find(*place.value, name) : nullptr;
  }
  return place;
}

std::string list_of(const Value& values) {
  std::string list;
  for (const auto& value : values.GetArray()) {
    if (!list.empty()) list += ", ";
    list += value.IsString() ? std::string(json::view(value)) : json::to_text(value);
  }
  return list;
}

std::string unknown_member(const Value* schema, const std::string& name) {
  std::string known;
  if (const Value* properties = schema ? json::find(*schema, "properties") : nullptr) {
    for (const auto& member : properties->GetObject()) {
      if (!known.empty()) known += ", ";
      known += json::view(member.name);
    }
  }
  return "unknown member \"" + name + "\"; known: " + known;
}

std::string missing_member(const Value& required, const Value& object) {
  for (const auto& name : required.GetArray()) {
    if (!json::find(object, json::view(name))) {
      return "member \"" + std::string(json::view(name)) + "\" is missing";
    }
  }
  return "a member is missing";
}

std::string expectation(std::string_view keyword, const Value* schema, const Place& place) {
  const Value* limit = schema ? json::find(*schema, keyword) : nullptr;
  if (!limit) return "does not follow its schema (" + std::string(keyword) + ")";
  const std::string text = json::to_text(*limit);
  if (keyword == "type") {
    return limit->IsArray() ? "must be one of the types " + list_of(*limit)
                            : "must be of type " + std::string(json::view(*limit));
  }
  if (keyword == "enum") return "must be one of: " + list_of(*limit);
  if (keyword == "pattern") return "must match " + text;
  if (keyword == "minimum") return "must be at least " + text;
  if (keyword == "maximum") return "must be at most " + text;
  if (keyword == "minLength") return "must have at least " + text + " characters";
  if (keyword == "maxLength") return "must have at most " + text + " characters";
  if (keyword == "minItems") return "must have at least " + text + " entries";
  if (keyword == "maxItems") return "must have at most " + text + " entries";
  if (keyword == "uniqueItems") return "must not repeat an entry";
  if (keyword == "required" && place.value) return missing_member(*limit, *place.value);
  return "does not follow its schema (" + std::string(keyword) + ")";
}

}  // namespace

struct JsonSchema::State {
  json::Document text;
  std::unique_ptr<rapidjson::SchemaDocument> compiled;
};

JsonSchema::JsonSchema(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

Result<JsonSchema> JsonSchema::compile(const Value& schema, const std::string& place) {
  if (auto checked = check_keywords(schema, place); !checked) return checked.error();
  auto state = std::make_unique<State>();
  state->text.CopyFrom(schema, state->text.GetAllocator());
  state->compiled = std::make_unique<rapidjson::SchemaDocument>(state->text);
  return JsonSchema(std::move(state));
}

Result<void> JsonSchema::check(const Value& value) const {
  rapidjson::SchemaValidator validator(*state_->compiled);
  value.Accept(validator);
  if (validator.IsValid()) return {};

  const std::string_view keyword =
      validator.GetInvalidSchemaKeyword() ? validator.GetInvalidSchemaKeyword() : "type";
  const rapidjson::Pointer at_schema = validator.GetInvalidSchemaPointer();
  const Value* schema = at_schema.IsValid() ? at_schema.Get(state_->text) : nullptr;
  Place place = place_of(value, validator.GetInvalidDocumentPointer());
  if (keyword != "additionalProperties") {
    return invalid((place.text.empty() ? "" : place.text + ": ") +
                   expectation(keyword, schema, place));
  }
  // The pointer names the unknown member itself; the object it stands in is the better place.
  const std::string name = place.last;
  place.text.resize(place.text.size() - std::min(place.text.size(), name.size()));
  if (place.text.ends_with('.')) place.text.pop_back();
  return invalid((place.text.empty() ? "" : place.text + ": ") + unknown_member(schema, name));
}

}  // namespace forecourt::config
