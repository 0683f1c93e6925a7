#include "plugin/metrics.hpp"

#include <forecourt/metrics.h>

#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

fc_status count(fc_handle subject, const fc_view* name, const fc_view* label, double delta) {
  return for_subject(subject, Service::metrics,
                     [=](const PluginScope& scope, const Call*) -> fc_status {
                       std::string_view name_text;
                       std::string_view label_text;
                       if (!read_view(name, name_text) || !read_view(label, label_text))
                         return FC_E_INVALID;
                       return plugin_metrics().count(scope.id, name_text, label_text, delta);
                     });
}

fc_status observe(fc_handle subject, const fc_view* name, const fc_view* label, double value) {
  return for_subject(subject, Service::metrics,
                     [=](const PluginScope& scope, const Call*) -> fc_status {
                       std::string_view name_text;
                       std::string_view label_text;
                       if (!read_view(name, name_text) || !read_view(label, label_text))
                         return FC_E_INVALID;
                       return plugin_metrics().observe(scope.id, name_text, label_text, value);
                     });
}

constexpr fc_metrics_1 k_table = {sizeof(fc_metrics_1), 0, count, observe};

}  // namespace

const void* const k_metrics_table = &k_table;

}  // namespace forecourt::plugin
