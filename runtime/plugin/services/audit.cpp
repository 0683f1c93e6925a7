#include <forecourt/audit.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "plugin/audit_outbox.hpp"
#include "plugin/json_check.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_detail_bytes_max = 64u << 10;

/// "<thing>.<verb>" of [a-z0-9_-] parts.
bool is_action(std::string_view action) {
  if (action.empty() || action.size() > 128 || action.find('.') == std::string_view::npos)
    return false;
  return std::ranges::all_of(action, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

fc_status record(fc_handle handle, const fc_view* action, const fc_view* subject,
                 const fc_view* detail) {
  return in_call(handle, Service::audit, [=](Call& call) -> fc_status {
    std::string_view action_text;
    std::string_view subject_text;
    std::string_view detail_text;
    if (!read_view(action, action_text) || !read_view(subject, subject_text) ||
        !read_view(detail, detail_text)) {
      return FC_E_INVALID;
    }
    if (!in_transaction(call))
      return refuse(call, FC_E_STATE, "audit: record belongs in a write's handle");
    if (subject_text.size() > 512 || detail_text.size() > k_detail_bytes_max) return FC_E_LIMIT;
    if (!is_action(action_text) || !is_utf8(subject_text)) return FC_E_INVALID;
    if (!detail_text.empty() && !is_json_object(detail_text)) return FC_E_INVALID;
    org::AuditEntry entry;
    entry.at_ms = call.admitted_ms;
    entry.actor = call.caller();
    entry.org = call.org;
    entry.action = action_text;
    entry.subject = subject_text;
    entry.detail = detail_text;
    auto written = record_audit(*call.session, entry);
    return written ? FC_OK : refuse(call, written.error());
  });
}

constexpr fc_audit_1 k_table = {sizeof(fc_audit_1), 0, record};

}  // namespace

const void* const k_audit_table = &k_table;

}  // namespace forecourt::plugin
