#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "gateway/admission/admission.hpp"
#include "gateway/exchange.hpp"

namespace forecourt::gateway {

/// Reads the declared parameters of a request into the exchange, converted and checked by their
/// schemas. Refuses undeclared query parameters: a typing error must not look like success.
class Parameters {
 public:
  Refused read(const RequestHead& head, const RouteMatch& match, ServedExchange& exchange);

 private:
  struct Found {
    const ParameterRule* rule;
    std::string_view value;
  };
  void read_query(std::string_view query, const Operation& operation, ServedExchange& exchange);
  void add_error(http::In in, std::string_view name, std::string_view detail);
  void check(const ParameterRule& rule, std::string_view value);

  std::string errors_;  // JSON objects, comma-separated; kept for its memory
  std::vector<json::SchemaError> schema_errors_;
};

/// Checks a JSON body against its schema; other bodies are the plugin's to read.
class BodyCheck {
 public:
  Refused check(const BodyRule& rule, std::string_view body);

 private:
  json::Parser parser_;
  std::vector<json::SchemaError> errors_;
};

/// A problem with the list of what is wrong: [{"in":"body","at":"/points","detail":"…"}].
http::Response invalid_request(std::string_view code, std::string_view detail,
                               std::string_view errors_json);
void append_field_error(std::string& out, std::string_view in, std::string_view at,
                        std::string_view detail);

}  // namespace forecourt::gateway
