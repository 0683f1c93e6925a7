#include "gateway/access_log.hpp"

#include <charconv>

#include "base/json_text.hpp"
#include "base/log.hpp"

namespace forecourt::gateway {

bool AccessLog::on() const { return on_ && log::enabled(log::Level::info); }

void AccessLog::write(const AccessEntry& entry) {
  if (!on()) return;
  // Each name comes with what stands around it: this runs once a request.
  const auto text = [this](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    fields_ += name;
    append_json_string(fields_, value);
  };
  const auto number = [this](std::string_view name, uint64_t value) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    fields_ += name;
    fields_.append(digits, end);
  };
  fields_ = R"({"method":)";
  append_json_string(fields_, entry.method);
  text(R"(,"path":)", entry.path);
  number(R"(,"status":)", static_cast<uint64_t>(entry.status));
  text(R"(,"plugin":)", entry.plugin);
  text(R"(,"operation":)", entry.operation);
  text(R"(,"client":)", entry.client);
  text(R"(,"caller":)", entry.caller);
  text(R"(,"org":)", entry.org);
  text(R"(,"trace":)", entry.trace);
  number(R"(,"duration_us":)", static_cast<uint64_t>(entry.duration_ns / 1000));
  number(R"(,"bytes_in":)", entry.bytes_in);
  number(R"(,"bytes_out":)", entry.bytes_out);
  fields_ += '}';
  log::write_json(log::Level::info, "access", "request", fields_);
}

}  // namespace forecourt::gateway
