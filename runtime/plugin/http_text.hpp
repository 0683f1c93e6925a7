#pragma once

#include <string_view>

namespace forecourt::plugin {

// What HTTP allows in the parts of a reply that a plugin writes (RFC 9110).

bool is_header_name(std::string_view name);
bool is_header_value(std::string_view value);
/// "type/subtype" with optional parameters.
bool is_media_type(std::string_view text);
/// Header names compare without case.
bool same_header(std::string_view a, std::string_view b);
/// Those the host writes itself: framing, connection, content type.
bool is_host_header(std::string_view name);

}  // namespace forecourt::plugin
