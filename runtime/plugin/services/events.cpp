#include <forecourt/events.h>

#include <algorithm>

#include "base/rfc3339.hpp"
#include "base/utf8.hpp"
#include "plugin/json_check.hpp"
#include "plugin/services/make_id.hpp"
#include "plugin/services/shim.hpp"
#include "plugin/services/tables.hpp"

namespace forecourt::plugin {
namespace {

constexpr size_t k_data_bytes_max = 256u << 10;
constexpr size_t k_subject_bytes_max = 512;

fc_status publish(fc_handle handle, const fc_view* type, const fc_view* subject,
                  const fc_view* data) {
  return in_call(handle, Service::events, [=](Call& call) -> fc_status {
    std::string_view type_text;
    std::string_view subject_text;
    std::string_view data_text;
    if (!read_view(type, type_text) || !read_view(subject, subject_text) ||
        !read_view(data, data_text)) {
      return FC_E_INVALID;
    }
    if (!in_transaction(call))
      return refuse(call, FC_E_STATE, "events: publish belongs in a write's handle");
    if (std::ranges::find(call.scope.publishes, type_text) == call.scope.publishes.end()) {
      return refuse(
          call, FC_E_DENIED,
          "events: \"" + std::string(type_text) + "\" is not in events.publishes of plugin.json");
    }
    if (call.org.empty()) return refuse(call, FC_E_STATE, "events: adopt an org before publishing");
    if (data_text.size() > k_data_bytes_max || subject_text.size() > k_subject_bytes_max)
      return FC_E_LIMIT;
    if (!is_utf8(subject_text) || !is_json(data_text)) {
      return refuse(call, FC_E_INVALID, "events: the data is not JSON");
    }
    events::Event event;
    event.id = make_id(call, "evt");
    event.type = type_text;
    event.source = call.scope.id;
    event.subject = subject_text;
    event.org = call.org;
    event.time_ms = call.admitted_ms;
    event.data = data_text;
    event.trace_id = call.trace_id();
    event.sampled = call.is_sampled();
    if (auto written = events::publish(*call.session, event); !written)
      return refuse(call, written.error());
    call.published = true;
    return FC_OK;
  });
}

fc_status received(fc_handle handle, uint32_t attribute, fc_view* value) {
  return in_call(handle, Service::events, [=](Call& call) -> fc_status {
    if (!value) return FC_E_INVALID;
    const events::Event* const event = call.origin.event;
    if (!event) return FC_E_STATE;
    switch (attribute) {
      case FC_EVENT_ID: *value = to_view(event->id); return FC_OK;
      case FC_EVENT_TYPE: *value = to_view(event->type); return FC_OK;
      case FC_EVENT_SOURCE: *value = to_view(event->source); return FC_OK;
      case FC_EVENT_SUBJECT: *value = to_view(event->subject); return FC_OK;
      case FC_EVENT_TIME:
        *value = to_view(call.arena.copy(format_rfc3339(event->time_ms)));
        return FC_OK;
      case FC_EVENT_DATA: *value = to_view(event->data); return FC_OK;
      default: return FC_E_INVALID;
    }
  });
}

constexpr fc_events_1 k_table = {sizeof(fc_events_1), 0, publish, received};

}  // namespace

const void* const k_events_table = &k_table;

}  // namespace forecourt::plugin
