#pragma once

#include <rapidjson/fwd.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/result.hpp"

namespace forecourt::config {

/// A JSON schema of the keyword set the validator fully implements (type, enum, properties,
/// required, additionalProperties, items, minItems, maxItems, uniqueItems, minLength, maxLength,
/// pattern, minimum, maximum, allOf, anyOf, oneOf, not, and annotations). Any other keyword, and a
/// pattern the validator cannot compile, is an error here: it would be ignored later. Immutable,
/// thread-safe.
class JsonSchema {
 public:
  /// `place` starts the error texts.
  static Result<JsonSchema> compile(const json::Value& schema, const std::string& place);
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

  /// An error names the place in dotted form and the expectation: "grants.services[2]: must be a
  /// string".
  Result<void> check(const json::Value& value) const;

 private:
  struct State;
  explicit JsonSchema(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace forecourt::config
