#pragma once

#include <string>

#include "base/json.hpp"
#include "base/json_schema.hpp"
#include "base/result.hpp"

namespace forecourt::config {

/// A schema for a document people write: errors name the place as they would. Immutable,
/// thread-safe.
class JsonSchema {
 public:
  /// `place` starts the error texts. The keywords are those of json::SchemaSet, any other is an
  /// error.
  static Result<JsonSchema> compile(const json::Value& schema, const std::string& place);

  /// An error names the place in dotted form and the expectation: "grants.services[2]: must be a
  /// string, not a number".
  Result<void> check(const json::Value& value) const;

 private:
  JsonSchema() = default;
  json::SchemaSet schemas_;
  const json::Schema* root_ = nullptr;
};

}  // namespace forecourt::config
