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

Result<void> audit_operation(storage::Session& session, const Call& call, int status) {
  const http::Request& request = call.origin.exchange->request();
  org::AuditEntry entry;
  entry.at_ms = call.admitted_ms;
  entry.actor = call.caller();
  entry.org = call.org;
  entry.action = "operation." + std::string(call.name);
  entry.subject = subject_of(request);
  entry.detail = "{\"status\":" + std::to_string(status) +
                 ",\"request\":" + json_string(call.trace_id()) + "}";
  return record_audit(session, entry);
}

}  // namespace forecourt::plugin
