#pragma once

#include <cstddef>
#include <string_view>

namespace forecourt {

/// Bytes of the well-formed UTF-8 sequence `text` starts with (RFC 3629: no surrogates, no overlong forms,
/// at most U+10FFFF); 0 when there is none.
size_t utf8_sequence_length(std::string_view text);

/// Whether all of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

}  // namespace forecourt
