#include "gateway/admin/answers.hpp"

#include "base/json_text.hpp"
#include "base/rfc3339.hpp"

namespace forecourt::admin {
namespace {

/// "scopes[1]" as a JSON pointer: "/scopes/1"; empty when `name` is not the name of a member.
std::string pointer_of(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {
    if (c == '[' || c == '.') {
      pointer += '/';
    } else if (c != ']') {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
      if (!plain) return {};
      pointer += c;
    }
  }
  return pointer.size() > 1 ? pointer : std::string();
}

http::Response invalid_body(const std::string& message) {
  http::Response response = http::problem(400, "invalid-body", message);
  const size_t colon = message.find(": ");
  if (colon == std::string::npos) return response;
  const std::string at = pointer_of(std::string_view(message).substr(0, colon));
  if (at.empty()) return response;
  std::string errors =
      "[" +
      std::move(
          ObjectText().add("in", "body").add("at", at).add("detail", message.substr(colon + 2)))
          .text() +
      "]";
  response.body.pop_back();
  response.body += ",\"errors\":" + errors + "}";
  return response;
}

}  // namespace

void ObjectText::name(std::string_view name) {
  if (text_.size() > 1) text_ += ',';
  append_json_string(text_, name);
  text_ += ':';
}

ObjectText& ObjectText::add(std::string_view member, std::string_view text) {
  name(member);
  append_json_string(text_, text);
  return *this;
}

ObjectText& ObjectText::add(std::string_view member, int64_t number) {
  return add_json(member, std::to_string(number));
}

ObjectText& ObjectText::add_json(std::string_view member, std::string_view json) {
  name(member);
  text_ += json;
  return *this;
}

ObjectText& ObjectText::add_time(std::string_view member, int64_t ms) {
  return ms == 0 ? add_json(member, "null") : add(member, format_rfc3339(ms));
}

ObjectText& ObjectText::add_or_null(std::string_view member, std::string_view text) {
  return text.empty() ? add_json(member, "null") : add(member, text);
}

http::Response json_answer(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.media_type = "application/json";
  response.body = std::move(body);
  return response;
}

http::Response no_content() {
  http::Response response;
  response.status = 204;
  return response;
}

http::Response page_answer(const std::vector<std::string>& items, std::string_view next_cursor) {
  std::string list = "[";
  for (const std::string& item : items) {
    if (list.size() > 1) list += ',';
    list += item;
  }
  list += ']';
  return json_answer(
      200, std::move(ObjectText().add_json("items", list).add_or_null("next_cursor", next_cursor))
               .text());
}

http::Response problem_of(const Error& error) {
  switch (error.code) {
    case Code::invalid: return invalid_body(error.message);
    case Code::denied: return http::problem(403, "forbidden", error.message);
    case Code::not_found: return http::problem(404, "not-found", error.message);
    case Code::conflict:
    case Code::constraint:
    case Code::stale:
    case Code::state: return http::problem(409, "conflict", error.message);
    case Code::limit: return http::problem(429, "too-many-requests", error.message);
    case Code::cancelled: return http::problem(504, "deadline-exceeded", error.message);
    case Code::unavailable: return http::problem(503, "overloaded", error.message);
    case Code::read_only: return http::problem(507, "store-read-only", error.message);
    case Code::internal: break;
  }
  return http::problem(500, "internal", error.message);
}

}  // namespace forecourt::admin
