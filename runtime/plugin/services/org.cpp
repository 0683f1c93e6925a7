#include <forecourt/org.h>

#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

fc_status caller(fc_handle handle, fc_view* value) {
  return in_call(handle, Service::org, [=](Call& call) -> fc_status {
    if (!value) return FC_E_INVALID;
    *value = to_view(call.caller());
    return FC_OK;
  });
}

fc_status current(fc_handle handle, fc_view* value) {
  return in_call(handle, Service::org, [=](Call& call) -> fc_status {
    if (!value) return FC_E_INVALID;
    if (call.org.empty()) return FC_E_STATE;
    *value = to_view(call.org);
    return FC_OK;
  });
}

fc_status adopt(fc_handle handle, const fc_view* wanted) {
  return in_call(handle, Service::org, [=](Call& call) -> fc_status {
    std::string_view id;
    if (!read_view(wanted, id)) return FC_E_INVALID;
    const bool keyed = call.origin.exchange && !call.is_public();
    if (keyed)
      return refuse(call, FC_E_DENIED, "org: an operation with a key acts for that key's org");
    if (call.adopted) return FC_E_CONFLICT;
    const org::Org* const found = call.tree().find(id);
    if (!found) return FC_E_NOT_FOUND;
    if (!call.is_public() && !call.tree().within(call.home_org(), id)) {
      return refuse(call, FC_E_DENIED,
                    "org: \"" + std::string(id) + "\" is not above the org the call carries");
    }
    call.adopted = true;
    call.set_org(found->id);
    return FC_OK;
  });
}

fc_status describe(fc_handle handle, const fc_view* wanted, uint32_t field, fc_view* value) {
  return in_call(handle, Service::org, [=](Call& call) -> fc_status {
    std::string_view id;
    if (!value || !read_view(wanted, id)) return FC_E_INVALID;
    const org::Org* const found = call.tree().find(id);
    if (!found) return FC_E_NOT_FOUND;
    switch (field) {
      case FC_ORG_KIND: *value = to_view(found->kind); return FC_OK;
      case FC_ORG_PARENT: *value = to_view(found->parent); return FC_OK;
      case FC_ORG_NAME: *value = to_view(found->name); return FC_OK;
      case FC_ORG_TIMEZONE: *value = to_view(found->timezone); return FC_OK;
      default: return FC_E_INVALID;
    }
  });
}

fc_status within(fc_handle handle, const fc_view* wanted, const fc_view* ancestor) {
  return in_call(handle, Service::org, [=](Call& call) -> fc_status {
    std::string_view id;
    std::string_view above;
    if (!read_view(wanted, id) || !read_view(ancestor, above)) return FC_E_INVALID;
    if (!call.tree().find(id) || !call.tree().find(above)) return FC_E_NOT_FOUND;
    return call.tree().within(id, above) ? FC_YES : FC_OK;
  });
}

fc_status at_level(fc_handle handle, const fc_view* wanted, const fc_view* kind, fc_view* value) {
  return in_call(handle, Service::org, [=](Call& call) -> fc_status {
    std::string_view id;
    std::string_view level;
    if (!value || !read_view(wanted, id) || !read_view(kind, level)) return FC_E_INVALID;
    const org::Org* const found = call.tree().at_level(id, level);
    if (!found) return FC_E_NOT_FOUND;
    *value = to_view(found->id);
    return FC_OK;
  });
}

constexpr fc_org_1 k_table = {sizeof(fc_org_1), 0,      caller,  current, adopt,
                              describe,         within, at_level};

}  // namespace

const void* const k_org_table = &k_table;

}  // namespace forecourt::plugin
