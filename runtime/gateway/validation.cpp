#include "gateway/validation.hpp"

#include <charconv>

#include "base/json_text.hpp"
#include "base/utf8.hpp"

namespace forecourt::gateway {
namespace {

const char* name_of(http::In in) {
  return in == http::In::path ? "path" : in == http::In::query ? "query" : "header";
}

/// A parameter's text as the JSON value its schema expects; false when it cannot be one.
bool convert(std::string_view type, std::string_view text, json::Value& value) {
  if (type == "boolean") {
    if (text != "true" && text != "false") return false;
    value.SetBool(text == "true");
    return true;
  }
  const char* end = text.data() + text.size();
  if (type == "integer" || type == "number") {
    int64_t whole = 0;
    const auto [stop, failed] = std::from_chars(text.data(), end, whole);
    const bool minus_only = text.starts_with("-0");
    if (failed == std::errc() && stop == end && !minus_only) {
      const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
      if (digits.size() > 1 && digits[0] == '0') return false;
      value.SetInt64(whole);
      return true;
    }
    if (type == "integer") return false;
    // The number's grammar is JSON's: what the parser takes is a number.
    auto parsed = json::parse(text);
    if (!parsed || !parsed->IsNumber()) return false;
    value.SetDouble(parsed->GetDouble());
    return true;
  }
  // An empty view may have no address, which RapidJSON asserts.
  value.SetString(text.empty() ? "" : text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return true;
}

std::string expectation(std::string_view type) {
  if (type == "integer") return "must be an integer of 64 bits";
  if (type == "boolean") return "must be true or false";
  return "must be a number";
}

}  // namespace

void append_field_error(std::string& out, std::string_view in, std::string_view at,
                        std::string_view detail) {
  if (!out.empty()) out += ',';
  out += "{\"in\":\"";
  out += in;
  out += "\",\"at\":";
  append_json_string(out, at);
  out += ",\"detail\":";
  append_json_string(out, detail);
  out += '}';
}

http::Response invalid_request(std::string_view code, std::string_view detail,
                               std::string_view errors_json) {
  http::Response response = http::problem(400, code, detail);
  response.body.pop_back();
  response.body += ",\"errors\":[";
  response.body += errors_json;
  response.body += "]}";
  return response;
}

void Parameters::add_error(http::In in, std::string_view name, std::string_view detail) {
  if (errors_.size() < 4096) append_field_error(errors_, name_of(in), name, detail);
}

void Parameters::check(const ParameterRule& rule, std::string_view value) {
  if (value.find('\0') != std::string_view::npos || !is_utf8(value)) {
    return add_error(rule.in, rule.name, "must be UTF-8 text");
  }
  json::Value converted;
  if (!convert(rule.type, value, converted))
    return add_error(rule.in, rule.name, expectation(rule.type));
  schema_errors_.clear();
  if (rule.schema->validate(converted, schema_errors_)) return;
  for (const json::SchemaError& error : schema_errors_) add_error(rule.in, rule.name, error.detail);
}

void Parameters::read_query(std::string_view query, const Operation& operation,
                            ServedExchange& exchange) {
  std::vector<http::Parameter>& read = exchange.request().parameters;
  while (!query.empty()) {
    const size_t end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const std::string_view name = exchange.keep_decoded(pair.substr(0, equals), true);
    const std::string_view value = equals == std::string_view::npos
                                       ? std::string_view()
                                       : exchange.keep_decoded(pair.substr(equals + 1), true);
    const ParameterRule* rule = nullptr;
    for (const ParameterRule& declared : operation.parameters) {
      if (declared.in == http::In::query && declared.name == name) rule = &declared;
    }
    if (!rule) {
      add_error(http::In::query, name, "is not a parameter of this operation");
      continue;
    }
    bool twice = false;
    for (const http::Parameter& known : read)
      twice = twice || (known.in == rule->in && known.name == rule->name);
    if (twice) {
      add_error(http::In::query, name, "is given twice");
      continue;
    }
    check(*rule, value);
    read.push_back({rule->in, rule->name, value});
  }
}

Refused Parameters::read(const RequestHead& head, const RouteMatch& match,
                         ServedExchange& exchange) {
  errors_.clear();
  const Operation& operation = *match.route->operation;
  std::vector<http::Parameter>& read = exchange.request().parameters;
  read.reserve(operation.parameters.size());
  for (const ParameterRule& rule : operation.parameters) {
    if (rule.in == http::In::query) continue;
    std::string_view value =
        rule.in == http::In::path ? match.parameters[rule.path_segment] : head.find(rule.name);
    if (!value.data()) continue;
    value = exchange.keep(value);
    check(rule, value);
    read.push_back({rule.in, rule.name, value});
  }
  if (!head.url.query.empty()) read_query(head.url.query, operation, exchange);
  for (const ParameterRule& rule : operation.parameters) {
    if (!rule.required) continue;
    bool there = false;
    for (const http::Parameter& known : read)
      there = there || (known.in == rule.in && known.name == rule.name);
    if (!there) add_error(rule.in, rule.name, "is required");
  }
  if (errors_.empty()) return {};
  return invalid_request("invalid-parameter", "a parameter is wrong; see errors", errors_);
}

Refused BodyCheck::check(const BodyRule& rule, std::string_view body) {
  if (!rule.schema) return {};
  std::string list;
  auto document = parser_.parse(body);
  if (!document) {
    append_field_error(list, "body", "", document.error().message);
    return invalid_request("invalid-body",
                           "the body is not acceptable JSON: " + document.error().message, list);
  }
  errors_.clear();
  if (rule.schema->validate(**document, errors_)) return {};
  for (const json::SchemaError& error : errors_)
    append_field_error(list, "body", error.at, error.detail);
  const json::SchemaError& first = errors_.front();
  return invalid_request(
      "invalid-body",
      first.at.empty() ? "the body " + first.detail : first.at + ": " + first.detail, list);
}

}  // namespace forecourt::gateway
