#pragma once

#include <rapidjson/document.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace forecourt::json {

using Document = rapidjson::Document;
using Value = rapidjson::Value;

struct Limits {
  int depth = 32;
};

/// Parses strictly (RFC 8259): one value, UTF-8 validated, no duplicate member names, no nesting
/// deeper than `limits.depth`, no NUL in text. Errors say where: "line 3, column 14: duplicate
/// member \"name\"".
Result<Document> parse(std::string_view text, Limits limits = {});

/// `parse` for a hot path: one after another into memory it keeps. One thread.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  /// The value stays until the next call.
  Result<const Value*> parse(std::string_view text, Limits limits = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads and parses a file; errors start with its path.
Result<Document> parse_file(const std::string& path, Limits limits = {});

std::string to_text(const Value& value);
std::string to_pretty_text(const Value& value);

inline std::string_view view(const Value& string) {
  return {string.GetString(), string.GetStringLength()};
}
/// The member `name` of an object, or nullptr.
const Value* find(const Value& object, std::string_view name);
/// A string member, or `fallback` when absent or of another type.
std::string_view text(const Value& object, std::string_view name, std::string_view fallback = {});

}  // namespace forecourt::json
