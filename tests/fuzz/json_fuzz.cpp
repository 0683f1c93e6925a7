// JSON and schemas: "<schema>\n<value>". What parses is written back as the same value; what
// compiles, validates.

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/json_schema.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace forecourt;
  const std::string_view input = fuzz::text(data, size);
  const size_t line = input.find('\n');
  auto value = json::parse(line == std::string_view::npos ? input : input.substr(line + 1));
  if (value) {
    const std::string text = json::to_text(*value);
    auto again = json::parse(text);
    fuzz::must(again.ok(), "what was written can be read");
    fuzz::must(json::to_text(*again) == text, "and says the same");
  }
  if (line == std::string_view::npos) return 0;
  auto schema = json::parse(input.substr(0, line));
  if (!schema) return 0;
  json::SchemaSet set;
  auto compiled = set.compile(*schema, "schema");
  if (!compiled || !value) return 0;
  std::vector<json::SchemaError> errors;
  const bool holds = (*compiled)->validate(*value, errors);
  fuzz::must(holds == errors.empty(), "refused with a reason, let through without");
  return 0;
}
