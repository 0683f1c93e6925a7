#include "events/cloud_event.hpp"

#include <algorithm>
#include <cstdint>

#include "base/json_text.hpp"
#include "base/rfc3339.hpp"

namespace forecourt::events {
namespace {

void add(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

bool is_trace_id(std::string_view text) {
  const bool hex = std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  return text.size() == 32 && hex && text.find_first_not_of('0') != std::string_view::npos;
}

/// FNV-1a; ids need to differ, not to be secret.
uint64_t span_of(std::string_view id) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : id) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  return hash == 0 ? 1 : hash;
}

}  // namespace

std::string traceparent_of(const Event& event) {
  if (!is_trace_id(event.trace_id)) return {};
  std::string span(16, '0');
  uint64_t left = span_of(event.id);
  for (size_t i = span.size(); i-- > 0; left >>= 4) span[i] = "0123456789abcdef"[left & 15];
  return "00-" + event.trace_id + "-" + span + (event.sampled ? "-01" : "-00");
}

std::string cloud_event_json(const Event& event) {
  std::string out = "{\"specversion\":\"1.0\"";
  add(out, "id", event.id);
  add(out, "type", event.type);
  add(out, "source", event.source);
  if (!event.subject.empty()) add(out, "subject", event.subject);
  add(out, "time", format_rfc3339(event.time_ms));
  if (!event.org.empty()) add(out, "org", event.org);
  if (const std::string trace = traceparent_of(event); !trace.empty())
    add(out, "traceparent", trace);
  if (!event.data.empty()) {
    add(out, "datacontenttype", "application/json");
    out += ",\"data\":" + event.data;
  }
  return out + "}";
}

}  // namespace forecourt::events
