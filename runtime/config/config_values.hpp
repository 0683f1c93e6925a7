#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"
#include "config/json_schema.hpp"

namespace forecourt::config {

/// The settings a descriptor declares: their schema and defaults. Immutable.
class ConfigSchema {
 public:
  /// `schema_text` as in Descriptor::config_schema; empty: no setting exists.
  static Result<ConfigSchema> compile(std::string_view schema_text, const std::string& place);

  /// Values of one org, complete or not: names and types.
  Result<void> check(const json::Value& values) const;
  /// The JSON text of a setting's `default`; nothing when it has none.
  std::optional<std::string_view> default_of(std::string_view key) const;
  /// Every declared setting, with its default or an empty text.
  const std::map<std::string, std::string, std::less<>>& keys() const { return keys_; }

 private:
  explicit ConfigSchema(JsonSchema schema) : schema_(std::move(schema)) {}
  JsonSchema schema_;
  std::map<std::string, std::string, std::less<>> keys_;
};

/// What the admin set for one plugin, org by org. A value.
class ConfigValues {
 public:
  struct Setting {
    std::string json;
    bool locked = false;
  };
  using OrgSettings = std::map<std::string, Setting, std::less<>>;

  /// `values` is {"<org>": {"<key>": value or {"value": v, "locked": true}}}. Errors start with
  /// `place`.
  static Result<ConfigValues> parse(const json::Value& values, const ConfigSchema& schema,
                                    const std::string& place);
  /// The same with one org's own values replaced.
  Result<ConfigValues> with(const std::string& org, const json::Value& values,
                            const ConfigSchema& schema, const std::string& place) const;

  /// The value in force at `path[0]`, whose ancestors follow up to the root: the nearest one set,
  /// unless an ancestor locked it (the highest lock wins), else the schema's default. A JSON text,
  /// valid as long as both objects.
  std::optional<std::string_view> effective(const ConfigSchema& schema,
                                            std::span<const std::string_view> path,
                                            std::string_view key) const;
  /// All values in force at `path[0]`, as a JSON object.
  std::string effective_json(const ConfigSchema& schema,
                             std::span<const std::string_view> path) const;
  /// The ancestor in `path` (its first entry aside) that locked `key`; empty: none.
  std::string_view locked_by(std::span<const std::string_view> path, std::string_view key) const;

  /// An org's own settings; nullptr when it has none.
  const OrgSettings* at(std::string_view org) const;
  /// What parse reads back.
  std::string to_json() const;

 private:
  std::map<std::string, OrgSettings, std::less<>> orgs_;
};

}  // namespace forecourt::config
