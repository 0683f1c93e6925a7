#include "gateway/admin/admin.hpp"

#include <utility>

#include "base/log.hpp"
#include "gateway/admin/answers.hpp"
#include "gateway/admin/openapi.hpp"

namespace forecourt::admin {
namespace {

http::Response answer_of(Result<http::Response> result) {
  return result ? std::move(*result) : problem_of(result.error());
}

}  // namespace

Admin::Admin(Parts parts) : parts_(parts) {
  for (const auto& group :
       {org_endpoints, key_endpoints, plugin_endpoints, config_endpoints, webhook_endpoints,
        event_endpoints, job_endpoints, audit_endpoints, backup_endpoints}) {
    for (Endpoint& endpoint : group(parts_)) {
      std::string id = endpoint.operation_id;
      endpoints_.emplace(std::move(id), std::move(endpoint));
    }
  }
}

void Admin::handle(std::shared_ptr<http::Exchange> exchange) {
  const bool taken =
      parts_.workers.submit([this, exchange] { exchange->answer(serve(exchange->request())); });
  if (!taken)
    exchange->answer(http::problem(503, "overloaded", "too much is waiting already: try again"));
}

http::Response Admin::serve(const http::Request& request) {
  const auto found = endpoints_.find(request.operation_id);
  if (found == endpoints_.end())
    return http::problem(404, "not-found", "there is no such operation");
  Call call(request, parts_.directory);
  http::Response answer = found->second.access == Endpoint::Access::read
                              ? answer_of(found->second.run(call))
                              : serve_write(found->second, call);
  if (answer.status < 500) return answer;
  log::error("admin", "a request failed",
             {{"operation", std::string(request.operation_id)}, {"problem", answer.body}});
  return answer;
}

http::Response Admin::serve_write(const Endpoint& endpoint, Call& call) {
  // One at a time: a repeat that arrives while the first runs waits for it here and then finds its
  // answer.
  std::lock_guard writing(writing_);
  auto before = call.find_answer();
  if (!before) return problem_of(before.error());
  if (*before) return std::move(**before);
  http::Response answer = answer_of(endpoint.run(call));
  if (call.request().idempotency_key.empty() || call.answer_kept() || answer.status >= 500)
    return answer;
  if (auto kept = call.keep_answer(answer); !kept) return problem_of(kept.error());
  return answer;
}

http::Service admin_service(std::shared_ptr<Admin> admin) {
  http::Service service;
  service.id = "admin";
  service.prefix = "/admin/v1";
  service.openapi = openapi_document();
  service.handler = std::move(admin);
  return service;
}

}  // namespace forecourt::admin
