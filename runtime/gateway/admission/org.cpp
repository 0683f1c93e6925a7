#include "gateway/admission/admission.hpp"

namespace forecourt::gateway {

/// The org comes from the key; Forecourt-Org can only narrow it. An org that does not exist and one
/// that is not below the key's get the same answer: the header is no way to look around.
Refused resolve_org(Admission& admission) {
  if (admission.route.operation->is_public) return {};
  admission.org = admission.key->org;
  const std::string_view narrowed = admission.head.org;
  if (!narrowed.data() || narrowed == admission.org) return {};
  const org::Org* org = admission.snapshot->find(narrowed);
  if (!org || !admission.snapshot->within(narrowed, admission.key->org)) {
    return http::problem(403, "forbidden",
                         "Forecourt-Org names no org at or below that of the API key");
  }
  admission.org = org->id;
  return {};
}

}  // namespace forecourt::gateway
