#include <forecourt/log.h>

#include "base/json_text.hpp"
#include "base/log.hpp"
#include "plugin/cut.hpp"
#include "plugin/json_check.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_line_bytes_max = 16u << 10;

std::string tags(const PluginScope& scope, const Call* call) {
  std::string out = "{\"plugin\":" + json_string(scope.id) +
                    ",\"generation\":" + std::to_string(scope.generation);
  if (call) {
    out += ",\"call\":" + json_string(call->name);
    if (!call->trace_id().empty()) out += ",\"trace_id\":" + json_string(call->trace_id());
  }
  return out;
}

fc_status write(fc_handle subject, uint32_t level, const fc_view* message, const fc_view* fields) {
  return for_subject(
      subject, Service::log, [=](const PluginScope& scope, const Call* call) -> fc_status {
        std::string_view text;
        std::string_view object;
        if (!read_view(message, text) || level < FC_LOG_DEBUG || level > FC_LOG_ERROR)
          return FC_E_INVALID;
        if (fields && !read_view(fields, object)) return FC_E_INVALID;
        const auto wanted = static_cast<log::Level>(level - FC_LOG_DEBUG);
        if (!log::enabled(wanted)) return FC_OK;
        std::string line = tags(scope, call);
        if (!object.empty()) {
          // The plugin's members stand apart, so that none can pass for one of the host's.
          const auto compact =
              object.size() <= k_line_bytes_max ? compact_json_object(object) : std::nullopt;
          if (object.size() <= k_line_bytes_max && !compact) return FC_E_INVALID;
          line += ",\"fields\":" + compact.value_or("\"(longer than 16 KiB)\"");
        }
        log::write_json(wanted, "plugin", cut_utf8(text, k_line_bytes_max), line + "}");
        return FC_OK;
      });
}

constexpr fc_log_1 k_table = {sizeof(fc_log_1), 0, write};

}  // namespace

const void* const k_log_table = &k_table;

}  // namespace forecourt::plugin
