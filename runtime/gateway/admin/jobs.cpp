#include "gateway/admin/admin.hpp"
#include "gateway/admin/answers.hpp"
#include "gateway/admin/slice.hpp"

namespace forecourt::admin {
namespace {

using Access = Endpoint::Access;

std::string parked_json(const jobs::Job& job) {
  return std::move(ObjectText()
                       .add("kind", job.kind)
                       .add("key", job.key)
                       .add("org", job.org)
                       .add_time("due_at", job.due_ms)
                       .add("attempts", int64_t{job.attempts})
                       .add("reason", job.reason))
      .text();
}

Result<http::Response> list(Parts& parts, Call& call) {
  if (auto root = call.need_root(); !root) return root.error();
  auto parked = parts.scheduler.parked(std::string(call.parameter("plugin").value_or("")));
  if (!parked) return parked.error();
  return slice_answer(call, *parked, parked_json);
}

/// Runs `act` on the job a body names, then keeps the audit entry and the answer.
template <class Do>
Result<http::Response> on_job(Call& call, const char* action, Do&& act) {
  if (auto root = call.need_root(); !root) return root.error();
  const std::string plugin(json::text(call.body(), "plugin"));
  const std::string kind(json::text(call.body(), "kind"));
  const std::string key(json::text(call.body(), "key"));
  if (auto done = act(plugin, kind, key); !done) return done.error();
  const std::string detail = std::move(ObjectText().add("kind", kind).add("key", key)).text();
  return call.commit({action, plugin, detail},
                     [](storage::Session&, const org::Snapshot&) -> Result<http::Response> {
                       return no_content();
                     });
}

}  // namespace

std::vector<Endpoint> job_endpoints(Parts& parts) {
  return {
      {"list_parked_jobs", Access::read, [&parts](Call& call) { return list(parts, call); }},
      {"replay_job", Access::write,
       [&parts](Call& call) {
         return on_job(call, "job.replay",
                       [&](const auto& plugin, const auto& kind, const auto& key) {
                         return parts.scheduler.replay(plugin, kind, key);
                       });
       }},
      {"drop_job", Access::write,
       [&parts](Call& call) {
         return on_job(call, "job.drop",
                       [&](const auto& plugin, const auto& kind, const auto& key) {
                         return parts.scheduler.drop(plugin, kind, key);
                       });
       }},
  };
}

}  // namespace forecourt::admin
