#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {

Refused check_scope(Admission& admission) {
  const Operation& operation = *admission.route.operation;
  if (operation.is_public || operation.scope == "any") return {};
  const std::string& plugin = admission.route.service->id;
  if (admission.key->allows(plugin, operation.scope)) return {};
  return http::problem(403, "forbidden",
                       "the API key needs the scope " + plugin + ":" + operation.scope);
}

}  // namespace forecourt::gateway
