#pragma once

#include <string_view>

namespace forecourt {

/// The `format`s of a JSON schema that the host checks. A text with any other format name is
/// refused when the schema is compiled.
enum class TextFormat { none, date_time, date, uuid, uri, int64, int32 };

/// Nothing for a name not in the list.
bool parse_text_format(std::string_view name, TextFormat& format);
bool has_format(std::string_view text, TextFormat format);

}  // namespace forecourt
