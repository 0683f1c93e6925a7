#include "gateway/access_log.hpp"

#include "base/json_text.hpp"
#include "base/log.hpp"

namespace forecourt::gateway {

bool AccessLog::on() const { return on_ && log::enabled(log::Level::info); }

void AccessLog::write(const AccessEntry& entry) {
  if (!on()) return;
  fields_.clear();
  const auto text = [this](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    fields_ += fields_.empty() ? "{\"" : ",\"";
    fields_ += name;
    fields_ += "\":";
    append_json_string(fields_, value);
  };
  const auto number = [this](std::string_view name, uint64_t value) {
    fields_ += ",\"";
    fields_ += name;
    fields_ += "\":";
    fields_ += std::to_string(value);
  };
  text("method", entry.method);
  text("path", entry.path);
  if (fields_.empty()) fields_ = "{\"method\":\"\"";
  number("status", static_cast<uint64_t>(entry.status));
  text("plugin", entry.plugin);
  text("operation", entry.operation);
  text("client", entry.client);
  text("caller", entry.caller);
  text("org", entry.org);
  text("trace", entry.trace);
  number("duration_us", static_cast<uint64_t>(entry.duration_ns / 1000));
  number("bytes_in", entry.bytes_in);
  number("bytes_out", entry.bytes_out);
  fields_ += '}';
  log::write_json(log::Level::info, "access", "request", fields_);
}

}  // namespace forecourt::gateway
