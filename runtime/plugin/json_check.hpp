#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace forecourt::plugin {

/// Whether `text` is one JSON value: UTF-8, at most 32 levels deep. Builds nothing.
bool is_json(std::string_view text);
bool is_json_object(std::string_view text);

/// The object written on one line; nothing when `text` is not a JSON object.
std::optional<std::string> compact_json_object(std::string_view text);

}  // namespace forecourt::plugin
