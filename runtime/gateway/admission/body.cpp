#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {
namespace {

/// "application/json; charset=utf-8" → "application/json"; the rest into `parameters`.
std::string_view media_type(std::string_view content_type, std::string_view& parameters) {
  const size_t end = content_type.find(';');
  parameters = end == std::string_view::npos ? std::string_view() : content_type.substr(end + 1);
  std::string_view type = content_type.substr(0, end);
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return type;
}

bool takes(std::string_view rule, std::string_view type) {
  if (rule == "*/*") return true;
  if (!rule.ends_with("/*")) return equal_names(rule, type);
  rule.remove_suffix(1);
  return type.size() > rule.size() && equal_names(type.substr(0, rule.size()), rule);
}

/// JSON is UTF-8; a request that says otherwise would be read wrongly.
bool foreign_charset(std::string_view parameters) {
  const size_t at = parameters.find("charset=");
  if (at == std::string_view::npos) return false;
  std::string_view name = parameters.substr(at + 8);
  name = name.substr(0, name.find_first_of("; \t"));
  if (name.size() > 1 && name.front() == '"') name = name.substr(1, name.size() - 2);
  return !equal_names(name, "utf-8") && !equal_names(name, "us-ascii");
}

http::Response too_large(int64_t most) {
  return http::problem(413, "body-too-large",
                       "the body may have at most " + std::to_string(most) + " bytes");
}

}  // namespace

/// Media type and announced size are known before the body is read.
Refused check_body(Admission& admission) {
  const Operation& operation = *admission.route.operation;
  const RequestHead& head = admission.head;
  admission.body_max =
      operation.body_max_bytes > 0 ? operation.body_max_bytes : admission.limits.body_bytes;
  if (!head.has_body()) {
    if (!operation.body_required) return {};
    return http::problem(400, "invalid-body", "a body is required");
  }
  if (operation.bodies.empty()) {
    return http::problem(400, "invalid-body", "this operation takes no body");
  }
  std::string_view parameters;
  const std::string_view type = media_type(head.content_type, parameters);
  for (const BodyRule& rule : operation.bodies) {
    if (!takes(rule.media_type, type)) continue;
    if (rule.schema && foreign_charset(parameters)) continue;
    admission.body = &rule;
    break;
  }
  if (!admission.body) {
    std::string list;
    for (const BodyRule& rule : operation.bodies)
      list += (list.empty() ? "" : ", ") + rule.media_type;
    return http::problem(415, "unsupported-media-type", "Content-Type must be one of: " + list);
  }
  if (head.content_length && *head.content_length > static_cast<uint64_t>(admission.body_max)) {
    return too_large(admission.body_max);
  }
  return {};
}

Refused check_expectation(Admission& admission) {
  const std::string_view expect = admission.head.expect;
  if (!expect.data() || !admission.head.http_1_1 || equal_names(expect, "100-continue")) return {};
  return http::problem(417, "expectation-failed", "the only Expect understood is 100-continue");
}

}  // namespace forecourt::gateway
