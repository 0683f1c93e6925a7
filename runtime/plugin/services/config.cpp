#include <forecourt/config.h>

#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

fc_status get(fc_handle handle, const fc_view* wanted, const fc_view* key, fc_view* json) {
  return in_call(handle, Service::config, [=](Call& call) -> fc_status {
    std::string_view org;
    std::string_view name;
    if (!json || !read_view(wanted, org) || !read_view(key, name)) return FC_E_INVALID;
    if (org.empty()) org = call.org;
    if (org.empty()) return refuse(call, FC_E_STATE, "config: name an org, or adopt one first");
    const auto path = path_to_root(call.tree(), org);
    if (path.empty())
      return refuse(call, FC_E_NOT_FOUND, "config: unknown org \"" + std::string(org) + "\"");
    const auto value = call.values().effective(*call.scope.config_schema, path, name);
    if (!value) return FC_E_NOT_FOUND;
    *json = to_view(*value);
    return FC_OK;
  });
}

constexpr fc_config_1 k_table = {sizeof(fc_config_1), 0, get};

}  // namespace

const void* const k_config_table = &k_table;

}  // namespace forecourt::plugin
