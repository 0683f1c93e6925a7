#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json_schema.hpp"
#include "http/message.hpp"

namespace forecourt::gateway {

enum class Access : uint8_t { none, read, write };

/// One declared parameter of an operation.
struct ParameterRule {
  http::In in = http::In::query;
  std::string name;  ///< as the document spells it
  bool required = false;
  const json::Schema* schema = nullptr;
  std::string_view type;      ///< scalar type its text is converted to; "string" without one
  uint32_t path_segment = 0;  ///< of a path parameter: which of the path's parameters it is
};

/// One media type an operation takes.
struct BodyRule {
  std::string media_type;                ///< lower case; "*/*" takes all, "text/*" all of a type
  const json::Schema* schema = nullptr;  ///< null: raw bytes, not parsed
};

/// One operation of an OpenAPI document, ready to serve. Immutable.
struct Operation {
  std::string id;      ///< operationId: the plugin's name of its handler
  uint32_t index = 0;  ///< in document order
  std::string method;  ///< upper case
  std::string path;    ///< whole template, "/v1/coupons/batches/{id}"
  Access access = Access::none;
  std::string scope;  ///< the verb a key needs; "any": any valid key
  bool is_public = false;
  bool runs_inline = false;
  bool secret_answer = false;
  bool audited = false;
  int64_t timeout_ms = 0;      ///< 0: the gateway's default
  int64_t body_max_bytes = 0;  ///< 0: the gateway's default
  std::vector<ParameterRule> parameters;
  std::vector<BodyRule> bodies;  ///< empty: takes no body
  bool body_required = false;
};

/// The operations of one document and the schemas they point into.
struct Operations {
  std::vector<Operation> list;
  json::SchemaSet schemas;
};

}  // namespace forecourt::gateway
