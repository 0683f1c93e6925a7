#include <forecourt/jobs.h>

#include <algorithm>

#include "base/utf8.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_payload_bytes_max = 256u << 10;
constexpr size_t k_key_bytes_max = 512;

fc_status check_kind(Call& call, std::string_view kind) {
  if (!in_transaction(call)) return refuse(call, FC_E_STATE, "jobs: belongs in a write's handle");
  if (std::ranges::find(call.scope.jobs, kind) == call.scope.jobs.end()) {
    return refuse(call, FC_E_DENIED,
                  "jobs: \"" + std::string(kind) + "\" is not in jobs of plugin.json");
  }
  return FC_OK;
}

fc_status schedule(fc_handle handle, const fc_view* kind, const fc_view* key, int64_t due_ms,
                   const fc_view* payload) {
  return in_call(handle, Service::jobs, [=](Call& call) -> fc_status {
    std::string_view kind_text;
    std::string_view key_text;
    std::string_view payload_text;
    if (!read_view(kind, kind_text) || !read_view(key, key_text) ||
        !read_view(payload, payload_text)) {
      return FC_E_INVALID;
    }
    if (const fc_status bad = check_kind(call, kind_text); bad != FC_OK) return bad;
    if (call.org.empty()) return refuse(call, FC_E_STATE, "jobs: adopt an org before planning");
    if (payload_text.size() > k_payload_bytes_max || key_text.size() > k_key_bytes_max)
      return FC_E_LIMIT;
    if (!is_utf8(key_text) || !is_utf8(payload_text)) return FC_E_INVALID;
    jobs::Job job;
    job.kind = kind_text;
    job.key = key_text;
    job.org = call.org;
    job.due_ms = due_ms;
    job.payload = payload_text;
    if (auto planned = jobs::schedule(*call.session, job); !planned)
      return refuse(call, planned.error());
    call.planned = true;
    return FC_OK;
  });
}

fc_status cancel(fc_handle handle, const fc_view* kind, const fc_view* key) {
  return in_call(handle, Service::jobs, [=](Call& call) -> fc_status {
    std::string_view kind_text;
    std::string_view key_text;
    if (!read_view(kind, kind_text) || !read_view(key, key_text)) return FC_E_INVALID;
    if (const fc_status bad = check_kind(call, kind_text); bad != FC_OK) return bad;
    auto dropped = jobs::cancel(*call.session, kind_text, key_text);
    return dropped ? FC_OK : refuse(call, dropped.error());
  });
}

fc_status received(fc_handle handle, uint32_t attribute, fc_view* value) {
  return in_call(handle, Service::jobs, [=](Call& call) -> fc_status {
    if (!value) return FC_E_INVALID;
    const jobs::Job* const job = call.origin.job;
    if (!job) return FC_E_STATE;
    if (attribute == FC_JOB_KEY) {
      *value = to_view(job->key);
    } else if (attribute == FC_JOB_PAYLOAD) {
      *value = to_view(job->payload);
    } else {
      return FC_E_INVALID;
    }
    return FC_OK;
  });
}

constexpr fc_jobs_1 k_table = {sizeof(fc_jobs_1), 0, schedule, cancel, received};

}  // namespace

const void* const k_jobs_table = &k_table;

}  // namespace forecourt::plugin
