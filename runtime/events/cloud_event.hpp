#pragma once

#include <string>
#include <string_view>

#include "events/outbox.hpp"

namespace forecourt::events {

/// The event as a CloudEvents 1.0 JSON object (structured mode): what leaves the host, the same
/// bytes whenever it is made. Its org is the extension attribute `org`, its trace the distributed
/// tracing extension `traceparent`.
std::string cloud_event_json(const Event& event);

/// "00-<trace id>-<parent id>-01" of an event that carries a trace id, else empty. The parent id is
/// the event's own and always the same.
std::string traceparent_of(const Event& event);

inline constexpr std::string_view k_cloud_event_media_type = "application/cloudevents+json";

}  // namespace forecourt::events
