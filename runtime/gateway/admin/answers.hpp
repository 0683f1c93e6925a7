#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "http/message.hpp"

namespace forecourt::admin {

/// Writes a JSON object, member by member.
class ObjectText {
 public:
  ObjectText& add(std::string_view name, std::string_view text);
  ObjectText& add(std::string_view name, const std::string& text) {
    return add(name, std::string_view(text));
  }
  ObjectText& add(std::string_view name, const char* text) {
    return add(name, std::string_view(text));
  }
  ObjectText& add(std::string_view name, int64_t number);
  ObjectText& add_json(std::string_view name, std::string_view json);  ///< as it is
  /// A time in milliseconds as RFC 3339; null when 0.
  ObjectText& add_time(std::string_view name, int64_t ms);
  /// Text, or null when it is empty.
  ObjectText& add_or_null(std::string_view name, std::string_view text);
  std::string text() && { return std::move(text_) + '}'; }

 private:
  void name(std::string_view name);
  std::string text_ = "{";
};

http::Response json_answer(int status, std::string body);
http::Response no_content();
/// {"items": [...], "next_cursor": ...}; `items` are JSON texts, an empty cursor is null.
http::Response page_answer(const std::vector<std::string>& items, std::string_view next_cursor);

/// The problem an expected failure becomes: invalid 400, denied 403, not_found 404, conflict and
/// constraint 409, limit 429, cancelled 504, unavailable 503, read_only 507, others 500. "name:
/// text" of an invalid body is told field by field.
http::Response problem_of(const Error& error);

}  // namespace forecourt::admin
