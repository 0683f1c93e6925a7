#include "plugin/operation_audit.hpp"

#include "base/json_text.hpp"
#include "plugin/audit_outbox.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_subject_bytes_max = 512;

/// What the path names, such as "mem_1" or "batch_1/cpn_2".
std::string subject_of(const http::Request& request) {
  std::string subject;
  for (const http::Parameter& parameter : request.parameters) {
    if (parameter.in != http::In::path) continue;
    if (!subject.empty()) subject += '/';
    subject += parameter.value;
  }
  if (subject.size() > k_subject_bytes_max) subject.clear();
  return subject;
}

}  // namespace

org::AuditEntry operation_entry(const http::Request& request, std::string_view prefix,
                                std::string_view org, std::optional<int> status) {
  org::AuditEntry entry;
  entry.at_ms = request.admitted_ms;
  entry.actor = request.caller;
  entry.org = org;
  entry.action = std::string(prefix) + "operation." + std::string(request.operation_id);
  entry.subject = subject_of(request);
  entry.detail = (status ? "{\"status\":" + std::to_string(*status)
                         : std::string("{\"outcome\":\"unknown\"")) +
                 ",\"request\":" + json_string(request.trace_id) + "}";
  return entry;
}

Result<void> audit_operation(storage::Session& session, const Call& call, int status) {
  return record_audit(session,
                      operation_entry(call.origin.exchange->request(), {}, call.org, status));
}

}  // namespace forecourt::plugin
